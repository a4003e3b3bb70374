// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/slurm"
)

const studySlurm = `

With --on slurm, this process submits the tasks as Slurm job arrays, each task waiting for those that it needs, waits until they are
done, and makes the same table. It may be stopped: the jobs go on, and the same line waits for them, or submits again what was
cancelled. Tasks that are preempted, reach the time limit or lose their node are requeued and go on from their checkpoint. Run it on
a login node; vsim itself, --runs and the corpus must be on file systems that all nodes share. What was submitted, and the log of
each task, lie in RUNS/study/slurm.`

// slurmFlags are the flags of --on slurm.
type slurmFlags struct {
	slurm.Options
	poll time.Duration
	set  *pflag.FlagSet
}

// add defines the flags.
func (f *slurmFlags) add(cmd *cobra.Command) {
	f.set = pflag.NewFlagSet("slurm", pflag.ContinueOnError)
	f.set.StringVar(&f.Partition, "partition", "", "with --on slurm: `NAME` of the partition")
	f.set.StringVar(&f.Account, "account", "", "with --on slurm: `NAME` of the account")
	f.set.StringVar(&f.Time, "time", "",
		"with --on slurm: time `LIMIT` of a task, as sbatch takes it; a task that reaches it is requeued")
	f.set.StringVar(&f.GPUs, "gpus", "", "with --on slurm: `N` GPUs for a task, or TYPE:N")
	f.set.StringVar(&f.GRES, "gres", "", "with --on slurm: generic resources `GRES` of a task, such as gpu:1")
	f.set.StringVar(&f.CPUs, "cpus", "", "with --on slurm: `N` CPUs for a task")
	f.set.StringVar(&f.Mem, "mem", "", "with --on slurm: memory of a task, `SIZE` such as 16G")
	f.set.IntVar(&f.Throttle, "throttle", 0, "with --on slurm: run at most `N` tasks of a job array at a time")
	f.set.StringArrayVar(&f.More, "slurm-arg", nil, "with --on slurm: any other option of sbatch, `--NAME=VALUE`; may be repeated")
	f.set.DurationVar(&f.poll, "poll", 10*time.Second, "with --on slurm: look at the queue every `TIME`")
	cmd.Flags().AddFlagSet(f.set)
}

// onGPU reports whether tasks get GPUs.
func (f *slurmFlags) onGPU() bool { return f.GPUs != "" || strings.HasPrefix(f.GRES, "gpu") }

// check refuses the flags where there is no Slurm, and values that cannot be.
func (f *slurmFlags) check(cmd *cobra.Command, on string) error {
	var wrong error
	f.set.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && on != "slurm" {
			wrong = cli.Usagef(cmd, "--%s: is for --on slurm", flag.Name)
		}
	})
	switch {
	case wrong != nil:
		return wrong
	case on != "slurm":
		return nil
	case cmd.Flags().Changed("jobs"):
		return cli.Usagef(cmd, "--jobs: is for --on local; how many jobs run at a time is Slurm's to say")
	case cmd.Flags().Changed("throttle") && f.Throttle < 1:
		return cli.Usagef(cmd, "--throttle: %d is below 1", f.Throttle)
	case f.poll <= 0:
		return cli.Usagef(cmd, "--poll: %v is not above 0", f.poll)
	}
	if err := f.Check(); err != nil {
		return cli.Usagef(cmd, "%v", err)
	}
	return nil
}

// work is what runs a task: this program with the flags that say what the study is, but for those that the operand's file holds.
func (f *slurmFlags) work(cmd *cobra.Command, operand string, ofFile bool) (slurm.Work, error) {
	self, err := os.Executable()
	if err != nil {
		return slurm.Work{}, fmt.Errorf("study: this program's own path: %w", err)
	}
	if strings.Contains(self, "/go-build") {
		return slurm.Work{}, fmt.Errorf("study: %s is gone when the jobs begin: build vsim in place of go run", self)
	}
	command := []string{self, "study", operand}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if f.set.Lookup(flag.Name) != nil || slices.Contains([]string{"on", "out", "json", "task", "plan", "jobs"}, flag.Name) ||
			ofFile && slices.Contains(inFile, flag.Name) {
			return
		}
		values := []string{flag.Value.String()}
		if list, is := flag.Value.(pflag.SliceValue); is {
			values = list.GetSlice()
		}
		for _, value := range values {
			command = append(command, "--"+flag.Name+"="+value)
		}
	})
	return slurm.Work{Command: append(command, "--task"), Options: f.Options, Poll: f.poll}, nil
}
