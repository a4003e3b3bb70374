// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestJobID(t *testing.T) {
	for out, want := range map[string]string{
		"101\n":         "101",
		"101;cluster\n": "101",
		"-----\n  Welcome to the cluster\n-----\n\n--> Verifying valid submit host (login1)...OK\n101\n": "101",
		"Today is 2026\n2026\n101\r\n":     "101",
		"101\nYou have used 12 node-hours": "101",
		"":                                 "",
		"Submitted batch job 101\n":        "",
		"101 jobs\n":                       "",
		"abc;101\n":                        "",
	} {
		if got := jobID(out); got != want {
			t.Errorf("%q: job %q, want %q", out, got, want)
		}
	}
}

func TestRefusal(t *testing.T) {
	for _, k := range []struct {
		stderr []string
		want   string
	}{
		{nil, ""},
		{[]string{"sbatch: error: QOSMaxSubmitJobPerUserLimit", "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy"},
			"QOSMaxSubmitJobPerUserLimit; Batch job submission failed: Job violates accounting/QOS policy"},
		{[]string{"*** maintenance on Friday ***", "sbatch: error: invalid partition specified: gpu",
			"sbatch: error: Batch job submission failed: x", "bye"},
			"invalid partition specified: gpu; Batch job submission failed: x"},
		{[]string{"sbatch: fatal: no configuration"}, "no configuration"},
		{[]string{"what", "ever"}, "ever"},
		{[]string{"sbatch: error: 1", "sbatch: error: 2", "sbatch: error: 3", "sbatch: error: 4"}, "2; 3; 4"},
	} {
		if got := refusal("sbatch", k.stderr); got != k.want {
			t.Errorf("%q: %q, want %q", k.stderr, got, k.want)
		}
	}
}

func TestArrayLimit(t *testing.T) {
	for config, want := range map[string]int{
		"":                               arraySize,
		"MaxArraySize            = 1001": arraySize,
		"Welcome\nConfiguration data as of x\nMaxArraySize            = 101\nMaxJobCount = 5\n": 101,
		"MaxArraySize = 0":       0,
		"MaxArraySize = many":    arraySize,
		"XMaxArraySize = 3":      arraySize,
		"MaxArraySize = 4000001": arraySize,
	} {
		if got := arrayLimit(config); got != want {
			t.Errorf("%q: %d, want %d", config, got, want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	got := environment([]string{"PATH=/bin", "SLURM_CONF=/etc/slurm.conf", "SLURM_JWT=x", "SLURM_CPU_BIND=quiet", "SLURM_JOB_ID=7",
		"SLURMD_NODENAME=n", "SBATCH_PARTITION=debug",
		"SBATCH_ARRAY_INX=1", "SQUEUE_PARTITION=debug", "SCONTROL_ALL=1", "MY_SLURM_THING=1", "SLURM_CONFIG=no"})
	if want := []string{"PATH=/bin", "SLURM_CONF=/etc/slurm.conf", "SLURM_JWT=x", "MY_SLURM_THING=1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// fake puts commands on the PATH that note how they were called, each in DIR/NAME.log, with its environment in DIR/NAME.env, and do
// what the scripts say.
func fake(t *testing.T, scripts map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, script := range scripts {
		text := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>%s/%s.log\nenv >%s/%s.env\n%s\n", dir, name, dir, name, script)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return dir
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// five are tasks that need nothing.
func five(t *testing.T, throttle int) *Work {
	w := &Work{Name: "vsim-test", Dir: filepath.Join(t.TempDir(), "slurm"), Command: []string{"/bin/true"},
		Done:    func(string) bool { return false },
		Options: Options{Throttle: throttle, Partition: "gpu"}}
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		w.Tasks = append(w.Tasks, Task{Key: key, Kind: "pretrain"})
	}
	return w
}

// TestSubmitOnAChattyCluster: banners on stdout, small arrays, a throttle, and variables of this process that are not the jobs'.
func TestSubmitOnAChattyCluster(t *testing.T) {
	t.Setenv("SBATCH_PARTITION", "debug")
	t.Setenv("SLURM_CPU_BIND", "quiet,mask_cpu:0x1")
	t.Setenv("SLURM_CONF", "/etc/slurm/slurm.conf")
	dir := fake(t, map[string]string{
		"squeue":   "echo Welcome",
		"scontrol": "echo Welcome; echo 'MaxArraySize            = 2'",
		"sbatch":   `n=$(wc -l <"$0.log"); echo "-----"; echo "  Welcome  "; echo "10$n"; echo "bye"`,
	})
	w := five(t, 3)
	queued, err := w.submit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	jobs := map[string]int{}
	for _, e := range queued {
		jobs[e.Job]++
		if e.index >= 2 {
			t.Errorf("index %d on a cluster of MaxArraySize 2", e.index)
		}
	}
	if fmt.Sprint(jobs) != "map[101:2 102:2 103:1]" {
		t.Errorf("tasks of each job: %v", jobs)
	}
	for key, e := range queued {
		if script := read(t, w.folder(e.array), scriptFile); !strings.Contains(script, "#SBATCH --array=0") ||
			!strings.Contains(script, "%3\n") {
			t.Errorf("script of %s:\n%s", key, script)
		}
	}
	for _, name := range []string{"sbatch", "squeue", "scontrol"} {
		env := "\n" + read(t, dir, name+".env")
		if strings.Contains(env, "\nSBATCH_") || strings.Contains(env, "\nSLURM_CPU_BIND") || !strings.Contains(env,
			"\nSLURM_CONF=/etc/slurm/slurm.conf\n") {
			t.Errorf("%s inherits:%s", name, env)
		}
	}
}

// TestSubmitAnswerLost finds the job by its comment where sbatch's answer has no id.
func TestSubmitAnswerLost(t *testing.T) {
	dir := fake(t, map[string]string{
		"squeue":   `[ -e "${0%/*}/sbatch.log" ] || exit 0; s=$(sed -n 's/.*--parsable //p' "${0%/*}/sbatch.log"); sed -n 's/^#SBATCH --comment=/7|0|PENDING|None|/p' "$s"`,
		"scontrol": "exit 1",
		"sbatch":   "echo Submitted",
	})
	queued, err := five(t, 0).submit(t.Context(), nil)
	if err != nil || queued["a"].array == nil || queued["a"].Job != "7" {
		t.Errorf("%v, %v (%s)", queued, err, dir)
	}
}

// TestSubmitRefused has the reason's line, and says what goes on.
func TestSubmitRefused(t *testing.T) {
	fake(t, map[string]string{
		"squeue":   "",
		"scontrol": "echo 'MaxArraySize = 3'",
		"sbatch": `[ $(wc -l <"$0.log") = 1 ] && echo 101 && exit
echo "sbatch: error: QOSMaxSubmitJobPerUserLimit" >&2; echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy" >&2; exit 1`,
	})
	_, err := five(t, 0).submit(t.Context(), nil)
	const want = "sbatch: QOSMaxSubmitJobPerUserLimit; Batch job submission failed: Job violates accounting/QOS policy; what is in the queue goes on, " +
		"and the same command submits the rest later"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	fake(t, map[string]string{"squeue": "", "scontrol": "echo 'MaxArraySize = 0'", "sbatch": "echo 101"})
	if _, err = five(t, 0).submit(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no job arrays") {
		t.Errorf("a cluster without arrays: %v", err)
	}
	fake(t, map[string]string{"squeue": "", "scontrol": "", "sbatch": "echo Submitted"})
	if _, err = five(t, 0).submit(t.Context(), nil); err == nil || !strings.Contains(err.Error(),
		`sbatch: no job id in its answer "Submitted\n"`) {
		t.Errorf("an answer without an id: %v", err)
	}
}
