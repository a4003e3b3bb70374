// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/slurm/slurmtest"
)

// worker plays a task: ten steps, one file a step, from where the last attempt stopped; SIGTERM stops it between two steps with
// 143. It ends in DIR/KEY/done, and counts how often it came to its end. A key that begins with "bad" fails at its second step.
const worker = `dir=$1/$2; mkdir -p "$dir"
for need in $(cat "$dir/needs" 2>/dev/null); do [ -e "$1/$need/done" ] || { echo "vsim: $2: $need is not done"; exit 1; }; done
exec 9>"$dir/lock"; flock 9
[ -e "$dir/done" ] && exit 0
trap 'echo stopped; exit 143' TERM
for step in 0 1 2 3 4 5 6 7 8 9; do
  [ -e "$dir/$step" ] && continue
  sleep "$(cat "$1/pace")" 9>&-
  case $2 in bad*) echo "vsim: $2: bad at step $step"; exit 1 ;; esac
  echo "$$" >"$dir/$step"
done
echo end >>"$dir/ends"; : >"$dir/done"
`

// grid is a graph of such tasks.
type grid struct {
	*testing.T
	Work
	out string

	mu     sync.Mutex
	events []Event
}

func newGrid(t *testing.T, pace string, tasks []Task) *grid {
	t.Helper()
	dir := filepath.Join(t.TempDir(), `it's 100% "mine"`) // a name that needs all kinds of quoting
	g := &grid{T: t, out: filepath.Join(dir, "tasks")}
	for _, task := range tasks {
		g.write(task.Key+"/needs", strings.Join(task.Needs, "\n")+"\n")
	}
	g.write("pace", pace)
	g.write("worker.sh", worker)
	g.Work = Work{Name: "vsim-test", Dir: filepath.Join(dir, "slurm"),
		Command: []string{"/bin/bash", filepath.Join(g.out, "worker.sh"), g.out}, Tasks: tasks,
		Done: func(key string) bool { return g.has(key + "/done") }, Poll: 100 * time.Millisecond, Tell: func(e Event) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.events = append(g.events, e)
		}}
	return g
}

func (g *grid) write(name, text string) {
	g.Helper()
	path := filepath.Join(g.out, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		g.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		g.Fatal(err)
	}
}

func (g *grid) has(name string) bool {
	_, err := os.Stat(filepath.Join(g.out, name))
	return err == nil
}

// run runs the grid and returns what failed.
func (g *grid) run() map[string]string {
	g.Helper()
	ctx, cancel := context.WithTimeout(g.Context(), 3*time.Minute)
	defer cancel()
	failed, err := Run(ctx, g.Work)
	if err != nil {
		g.Fatalf("%v; the queue: %s\nthe logs: %s", err, g.look(), g.logs())
	}
	return failed
}

func (g *grid) look() string {
	out, _ := tool(context.Background(), "squeue", "--array", "--states=all")
	return out
}

func (g *grid) logs() (text string) {
	files, _ := filepath.Glob(filepath.Join(g.Dir, "*", "*.log"))
	for _, file := range files {
		data, _ := os.ReadFile(file)
		text += file + ":\n" + string(data)
	}
	return text
}

// once checks that the tasks are done and none came to its end twice.
func (g *grid) once(keys ...string) {
	g.Helper()
	for _, key := range keys {
		data, _ := os.ReadFile(filepath.Join(g.out, key, "ends"))
		if string(data) != "end\n" {
			g.Errorf("%s came to its end %d times", key, strings.Count(string(data), "end"))
		}
	}
}

// soon waits until something is so.
func (g *grid) soon(what string, is func() bool) {
	g.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.Fatalf("never came: %s; the queue: %s\nthe logs: %s", what, g.look(), g.logs())
		}
	}
}

func keysOf(tasks []Task) (list []string) {
	for _, t := range tasks {
		list = append(list, t.Key)
	}
	return list
}

// cells is a study of n cells: one corpus, then a chain a cell, then one that needs all.
func cells(n int) []Task {
	tasks := []Task{{"corpus", "corpus", nil}}
	last := Task{Key: "ensemble", Kind: "ensemble"}
	for i := range n {
		p, f := fmt.Sprint("p", i), fmt.Sprint("f", i)
		tasks = append(tasks, Task{p, "pretrain", []string{"corpus"}}, Task{f, "finetune", []string{"corpus", p}})
		last.Needs = append(last.Needs, f)
	}
	return append(tasks, last)
}

// TestCluster: what Run does on a real Slurm of two nodes. The parts share the cluster, one after the other.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster")
	}
	c := slurmtest.Start(t, 2)
	t.Run("in order", func(t *testing.T) { inOrder(newGrid(t, "0.01", cells(3))) })
	t.Run("throttled", func(t *testing.T) {
		throttled(newGrid(t, "0.05", []Task{{"a", "k", nil}, {"b", "k", nil}, {"c", "k", nil}, {"d", "k", nil}}))
	})
	t.Run("a task fails", func(t *testing.T) { fails(t) })
	t.Run("interrupted", func(t *testing.T) { interrupted(newGrid(t, "0.1", cells(2))) })
	t.Run("stopped and killed", func(t *testing.T) {
		stoppedAndKilled(newGrid(t, "0.2",
			[]Task{{"warned", "k", nil}, {"killed", "k", nil}, {"stopped", "k", nil}, {"requeued", "k", nil}, {"cancelled", "k", nil}}), c)
	})
	t.Run("node lost", func(t *testing.T) { nodeLost(newGrid(t, "0.2", cells(2)), c) })
}

// inOrder: all is done once, in arrays by kind; run again, nothing is submitted.
func inOrder(g *grid) {
	if failed := g.run(); len(failed) > 0 {
		g.Fatalf("failed: %v; %s", failed, g.logs())
	}
	g.once(keysOf(g.Tasks)...)
	arrays, _ := filepath.Glob(filepath.Join(g.Dir, "*", arrayFile))
	if len(arrays) != 4 {
		g.Errorf("%d arrays, want one a kind: 4", len(arrays))
	}
	before := strings.Count(g.look(), "\n")
	if failed := g.run(); len(failed) > 0 || strings.Count(g.look(), "\n") != before {
		g.Errorf("run again: failed %v, submitted:\n%s", failed, g.look())
	}
}

// throttled: of an array only as many tasks run at a time as Throttle says, on two nodes.
func throttled(g *grid) {
	g.Options.Throttle = 1
	if failed := g.run(); len(failed) > 0 {
		g.Fatalf("failed: %v; %s", failed, g.logs())
	}
	g.once(keysOf(g.Tasks)...)
	running, most := map[string]bool{}, 0
	for _, e := range g.events {
		running[e.Key] = e.State == Running
		now := 0
		for _, is := range running {
			if is {
				now++
			}
		}
		most = max(most, now)
	}
	if most != 1 {
		g.Errorf("%d tasks ran at a time, want 1: %v", most, g.events)
	}
}

// fails: a task that fails takes its dependents along and no others, and is named with its last line; run again it is tried again.
func fails(t *testing.T) {
	g := newGrid(t, "0.01", []Task{{"p0", "pretrain", nil}, {"badp1", "pretrain", nil}, {"p2", "pretrain", nil},
		{"f0", "finetune", []string{"p0"}}, {"f1", "finetune", []string{"badp1"}}, {"f2", "finetune", []string{"p2"}},
		{"e", "ensemble", []string{"f0", "f1"}}})
	failed := g.run()
	if want := map[string]string{"badp1": "Slurm: failed: badp1: bad at step 0"}; !maps.Equal(failed, want) {
		t.Errorf("failed: %v, want %v", failed, want)
	}
	g.once("p0", "p2", "f0", "f2")
	if g.has("f1/0") || g.has("e/0") {
		t.Error("a task was begun behind one that failed")
	}
	if last := g.events[len(g.events)-1]; !slices.Contains(g.events, Event{"f1", Blocked, ""}) ||
		!slices.Contains(g.events, Event{"e", Blocked, ""}) {
		t.Errorf("events end in %v", last)
	}
	for i := range 10 { // it has nothing left to fail in
		g.write("badp1/"+strconv.Itoa(i), "")
	}
	if failed := g.run(); len(failed) > 0 {
		t.Errorf("failed: %v", failed)
	}
	g.once(keysOf(g.Tasks)...)
}

// interrupted: the waiting process is stopped, and its jobs go on; what it knew of them is lost in part, and another finds them
// all.
func interrupted(g *grid) {
	ctx, cancel := context.WithCancel(g.Context())
	g.Tell = func(e Event) {
		if e.Key == "p0" && e.State == Running {
			cancel()
		}
	}
	if _, err := Run(ctx, g.Work); !errors.Is(err, context.Canceled) {
		g.Fatalf("error %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(g.Dir, "*", arrayFile))
	for _, file := range files { // as if it had been killed between sbatch and the note of its answer
		data, _ := os.ReadFile(file)
		from := strings.Index(string(data), `"job": "`)
		to := from + strings.Index(string(data[from:]), ",")
		if err := os.WriteFile(file, []byte(string(data[:from])+`"job": ""`+string(data[to:])), 0o666); err != nil {
			g.Fatal(err)
		}
	}
	g.Tell = nil
	before := strings.Count(g.look(), "\n")
	if failed := g.run(); len(failed) > 0 {
		g.Errorf("failed: %v", failed)
	}
	if after := strings.Count(g.look(), "\n"); after != before {
		g.Errorf("%d elements in the queue, before %d:\n%s", after, before, g.look())
	}
	g.once(keysOf(g.Tasks)...)
}

// background runs the grid while the test does something to it.
func (g *grid) background() (end func() map[string]string) {
	result := make(chan map[string]string, 1)
	go func() { result <- g.run() }()
	return func() map[string]string { return <-result }
}

// stoppedAndKilled: a warning before the time limit, SIGTERM and SIGKILL to the task, and a requeue by hand each cost an attempt
// and not a step; a cancelled task stays so until it is asked for again.
func stoppedAndKilled(g *grid, c *slurmtest.Cluster) {
	end := g.background()
	var disturbed sync.WaitGroup
	element := func(key string) string {
		var id string
		g.soon(key+" runs", func() bool {
			files, _ := filepath.Glob(filepath.Join(g.Dir, "*", tasksFile))
			for _, file := range files {
				data, _ := os.ReadFile(file)
				for line := range strings.Lines(string(data)) {
					if index, k, _ := strings.Cut(strings.TrimSpace(line), " "); k == key {
						jobs, _ := tool(context.Background(), "squeue", "--noheader", "--states=RUNNING", "--array", "--format=%k %F_%K")
						for job := range strings.Lines(jobs) {
							if of, is := strings.CutPrefix(strings.TrimSpace(job), comment(filepath.Base(filepath.Dir(file)))+" "); is &&
								strings.HasSuffix(of, "_"+index) {
								id = of
							}
						}
					}
				}
			}
			return id != ""
		})
		return id
	}
	kill := func(sig syscall.Signal, key string) {
		for _, pid := range c.Steps("worker.sh " + g.out + " " + key) {
			_ = syscall.Kill(pid, sig)
		}
	}
	for key, disturb := range map[string]func(key string){
		"warned": func(key string) { // scancel may call the job done, as it requeues itself at once
			_, _ = tool(context.Background(), "scancel", "--batch", "--signal=USR1", element(key))
		},
		"killed":    func(key string) { kill(syscall.SIGKILL, key) },
		"stopped":   func(key string) { kill(syscall.SIGTERM, key) },
		"requeued":  func(key string) { c.Do("scontrol", "requeue", element(key)) },
		"cancelled": func(key string) { c.Do("scancel", element(key)) },
	} {
		disturbed.Go(func() {
			g.soon(key, func() bool { return g.has(key + "/1") })
			disturb(key)
		})
	}
	disturbed.Wait()
	if failed, want := end(), (map[string]string{"cancelled": "Slurm: cancelled"}); !maps.Equal(failed, want) {
		g.Errorf("failed: %v, want %v", failed, want)
	}
	if n := strings.Count(g.logs(), "attempt 2"); n != 4 {
		g.Errorf("%d tasks were tried twice, want 4: %s", n, g.logs())
	}
	if failed := g.run(); len(failed) > 0 {
		g.Errorf("failed: %v", failed)
	}
	g.once(keysOf(g.Tasks)...)
}

// nodeLost: a node dies in the middle of its task, and the other one takes it over; then the other dies and comes back at once.
func nodeLost(g *grid, c *slurmtest.Cluster) {
	end := g.background()
	g.soon("p0 and p1 run", func() bool { return g.has("p0/2") && g.has("p1/2") })
	n1, n2 := c.Nodes()[0], c.Nodes()[1]
	c.Kill(n1)
	c.Down(n1)
	if g.has("p0/done") || g.has("p1/done") {
		g.Fatal("the node was killed too late")
	}
	g.soon("f0 or f1 runs", func() bool { return g.has("f0/1") || g.has("f1/1") })
	c.Kill(n2)
	c.Down(n2)
	c.Boot(n1)
	c.Boot(n2)
	if failed := end(); len(failed) > 0 {
		g.Errorf("failed: %v; %s", failed, g.logs())
	}
	g.once(keysOf(g.Tasks)...)
	if !strings.Contains(g.logs(), "attempt 2") {
		g.Error("no task was tried twice")
	}
}
