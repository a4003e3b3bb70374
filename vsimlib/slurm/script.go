// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Options are what a task asks of the cluster, each as sbatch takes it; what is empty is the cluster's default.
type Options struct {
	Partition string
	Account   string
	Time      string
	GPUs      string // --gpus
	GRES      string // --gres
	CPUs      string // --cpus-per-task
	Mem       string
	Throttle  int      // elements of an array that run at a time; 0: as many as the cluster lets
	More      []string // any other options of sbatch, "--name=value" each
}

// Check refuses what cannot be in a script, and what is this package's own to set.
func (o Options) Check() error {
	if o.Throttle < 0 {
		return fmt.Errorf("throttle: %d is below 1", o.Throttle)
	}
	for _, line := range o.lines() {
		if strings.ContainsAny(line, "\n\r\x00") {
			return fmt.Errorf("sbatch option %q: contains a line break; give one option per --slurm-arg", line)
		}
	}
	for _, option := range o.More {
		name, _, _ := strings.Cut(option, "=")
		switch name, is := strings.CutPrefix(name, "--"); {
		case !is || name == "":
			return fmt.Errorf("sbatch option %q: write --NAME=VALUE or --NAME", option)
		case strings.ContainsAny(name, " \t"):
			return fmt.Errorf("sbatch option %q: write --NAME=VALUE, with =", option)
		case own[name]:
			return fmt.Errorf("sbatch option %q: is set by vsim itself", option)
		}
	}
	return nil
}

// own are the options of sbatch that are this package's.
var own = map[string]bool{
	"array": true, "comment": true, "dependency": true, "kill-on-invalid-dep": true, "job-name": true, "output": true,
	"open-mode":  true,
	"no-requeue": true, "requeue": true, "parsable": true, "wait": true, "wrap": true, "test-only": true, "chdir": true,
}

// throttle follows the indices of an array.
func (o Options) throttle() string {
	if o.Throttle == 0 {
		return ""
	}
	return fmt.Sprintf("%%%d", o.Throttle)
}

// lines are the options as a script has them.
func (o Options) lines() []string {
	var list []string
	for _, option := range []struct{ name, value string }{
		{"partition", o.Partition}, {"account", o.Account}, {"time", o.Time}, {"gpus", o.GPUs}, {"gres", o.GRES},
		{"cpus-per-task", o.CPUs}, {"mem", o.Mem},
	} {
		if option.value != "" {
			list = append(list, "--"+option.name+"="+option.value)
		}
	}
	return append(list, o.More...)
}

// warning is how many seconds before the time limit Slurm sends SIGUSR1; it may do so a minute earlier.
const warning = 60

// restarts is how often a task that died by a signal, as by SIGKILL where the memory was short, is tried again; signals that stop a
// task after it has saved do not count. (Slurm's own requeues count too.)
const restarts = 10

// body runs the task of the array's index. %[1]s is the list of tasks, %[2]s the command, %[3]d restarts; all are quoted.
const body = `
own=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID # SLURM_JOB_ID is the whole array's in one of its elements
key=$(sed -n "s/^$SLURM_ARRAY_TASK_ID //p" %[1]s)
[ -n "$key" ] || { echo "vsim: slurm: no task $SLURM_ARRAY_TASK_ID in "%[1]s; exit 1; }
echo "attempt $((${SLURM_RESTART_COUNT:-0} + 1)) of $key on ${SLURMD_NODENAME:-a node}"

# A signal is passed on, once more is waited for, and the task's own code counts.
signalled= pid=
pass() { signalled=1; [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; }
trap pass TERM INT USR1
%[2]s "$key" &
pid=$!
[ -n "$signalled" ] && pass # it came before the task's process was known
code=1
more() { wait "$pid"; next=$?; [ "$next" = 127 ] || code=$next; } # 127: its code is known already
more
while [ -n "$signalled" ] || kill -0 "$pid" 2>/dev/null; do # a signal cut the waiting off
  signalled=
  more
done
more

# It died by a signal, and Slurm has not ended the job itself: again. (Not where it was cancelled; a preempted job Slurm requeues.)
if [ "$code" -gt 128 ] && squeue --noheader --jobs="$own" --format=%%T | grep -qx RUNNING; then
  case $code in 129 | 130 | 138 | 140 | 143) again=1 ;; *) [ "${SLURM_RESTART_COUNT:-0}" -ge %[3]d ] && again= || again=1 ;; esac
  [ -n "$again" ] && scontrol requeue "$own"
fi
exit "$code"
`

// script is what sbatch gets for an array. name is that of all the jobs of a study, folder the array's own; the key is put after
// command.
func (a *array) script(name, folder string, command []string, o Options) string {
	var text strings.Builder
	fmt.Fprintf(&text, "#!/bin/bash\n# %d tasks of kind %s. Written by vsim; tasks.txt next to it has the key of each index.\n",
		len(a.Index), a.Kind)
	options := []string{"--job-name=" + name + "-" + a.Kind, "--comment=" + comment(a.ID), "--array=" + a.indices() + o.throttle()}
	if d := a.dependency(); d != "" {
		options = append(options, "--dependency="+d, "--kill-on-invalid-dep=yes")
	}
	options = append(options, "--requeue", fmt.Sprintf("--signal=B:USR1@%d", warning), "--nodes=1", "--ntasks=1",
		"--open-mode=append", "--output="+strings.ReplaceAll(folder, "%", "%%")+"/%a.log")
	for _, option := range append(options, o.lines()...) {
		fmt.Fprintf(&text, "#SBATCH %s\n", directive(option))
	}
	var words []string
	for _, word := range command {
		words = append(words, shellQuote(word))
	}
	fmt.Fprintf(&text, body, shellQuote(filepath.Join(folder, tasksFile)), strings.Join(words, " "), restarts)
	return text.String()
}

// comment marks the jobs of an array, so that they are found even where sbatch's answer was lost.
func comment(id string) string { return "vsim:" + id }

// directive quotes an option for a #SBATCH line.
func directive(option string) string {
	if !strings.ContainsAny(option, " \t\"'\\#") {
		return option
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(option) + `"`
}

// shellQuote quotes a word for bash.
func shellQuote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
