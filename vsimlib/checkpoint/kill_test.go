// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/safetensors"
)

// childEnv makes this test binary a child: what to do, a colon, and the directory of checkpoints.
const childEnv = "VSIM_CHECKPOINT_CHILD"

func TestMain(m *testing.M) {
	task, dir, isChild := strings.Cut(os.Getenv(childEnv), ":")
	if !isChild {
		os.Exit(m.Run())
	}
	task, count, _ := strings.Cut(task, "=")
	if n, err := strconv.Atoi(count); err == nil {
		dieBefore(n)
	}
	map[string]func(dir string){"forever": saveForever, "limit": fullDisk, "readonly": pruneReadonly}[task](dir)
}

// runChild runs a child to its end and returns what it printed.
func runChild(t *testing.T, dir, task string) string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+task+":"+dir)
	out, err := child.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// large is a state of some size, so that kills hit the middle of a file too.
func large(step int) map[string][]safetensors.Tensor {
	groups := groupsOf(step)
	groups["moments"] = []safetensors.Tensor{safetensors.FromFloat32("m", []int{200_000}, make([]float32, 200_000))}
	return groups
}

// dieBefore kills this process before the n-th time that it syncs or renames something.
func dieBefore(n int) {
	left := n
	count := func() {
		if left--; left == 0 {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			select {}
		}
	}
	var own atomicfile.Operations
	before, _ := atomicfile.Replace(own)
	own = before
	own.Sync = func(f *os.File) error { count(); return before.Sync(f) }
	own.Rename = func(from, to string) error { count(); return before.Rename(from, to) }
	atomicfile.Replace(own)
}

// saveForever goes on from the newest checkpoint as a trainer does: a new best every third step.
func saveForever(dir string) {
	check := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	loaded, warnings, err := Latest(dir)
	check(err)
	step, state, known := 0, testState{}, Verified{}
	if loaded != nil {
		step = loaded.Step
		check(json.Unmarshal(loaded.State, &state))
		warnings = append(warnings, DropAfter(dir, step)...)
		_, err := LoadNamed(dir, "best", state.Named["best"])
		check(err)
	}
	for {
		step++
		if step%3 == 1 {
			check(write(dir, "best", step, groupsOf(step), nil))
			state = refsTo(step)
		}
		reserve, err := NewReserve(dir, groupsAt(step))
		check(err)
		go reserve.Warm()
		part, err := Begin(dir, "", step, groupsAt(step), state, reserve)
		check(err)
		check(part.Finish(&known))
		warnings = append(warnings, known.Prune(dir, 2)...)
		if len(warnings) > 0 {
			check(fmt.Errorf("warnings %q", warnings))
		}
	}
}

// TestKilled kills a writer with SIGKILL before each of its calls that sync or rename, with -short before every second one.
// Whichever call it is, the newest checkpoint is whole, nothing is torn, the best that it names is there, and the next process goes
// on.
func TestKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	reached, every := 0, 1
	if testing.Short() {
		every = 2
	}
	for round := 0; round < 36; round += every { // a save with its pruning makes at most 20
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fmt.Sprintf("%s=forever=%d:%s", childEnv, round+1, dir))
		var out bytes.Buffer
		child.Stdout = &out
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if err := child.Wait(); err == nil || out.Len() > 0 {
			t.Fatalf("round %d: the child ended by itself: %v %s", round, err, out.String())
		}
		loaded, warnings, err := Latest(dir)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("round %d: %v %q", round, err, warnings)
		}
		if loaded == nil {
			if reached > 0 {
				t.Fatalf("round %d: step %d is lost", round, reached)
			}
			continue
		}
		if loaded.Step < reached {
			t.Fatalf("round %d: step %d after %d", round, loaded.Step, reached)
		}
		reached = loaded.Step
		holds(t, loaded, reached)
		var state testState
		if err := json.Unmarshal(loaded.State, &state); err != nil {
			t.Fatal(err)
		}
		best, err := LoadNamed(dir, "best", state.Named["best"])
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		holds(t, best, best.Step)
		for _, entry := range entriesOf(t, dir) {
			if strings.HasPrefix(entry, ".") {
				t.Fatalf("round %d: Latest left %s", round, entry)
			}
		}
	}
	if reached < 20/every {
		t.Errorf("reached step %d", reached)
	}
}

// TestLeftovers builds by hand what a kill between any two calls of publish and remove leaves.
func TestLeftovers(t *testing.T) {
	part := func(dir string) {
		if err := os.Mkdir(filepath.Join(dir, partPrefix+"step-00000002-ABCDEFGH"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	rename := func(dir, from, to string) {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		leave func(dir string)
	}{
		{"writing", part},
		{"old set aside", func(dir string) { part(dir); rename(dir, "step-00000001", ".old-step-00000001") }},
		{"old not yet removed", func(dir string) {
			if err := os.CopyFS(filepath.Join(dir, ".old-step-00000001"), os.DirFS(filepath.Join(dir, "step-00000001"))); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(dir, ".old-step-00000001", stateFile)); err != nil {
				t.Fatal(err)
			}
		}},
		{"removing", func(dir string) {
			save(t, dir, 0, nil)
			rename(dir, "step-00000000", partPrefix+"step-00000000-ABCDEFGH")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			save(t, dir, 1, nil)
			c.leave(dir)
			if _, warnings := latest(t, dir, 1); len(warnings) > 0 {
				t.Errorf("warnings %q", warnings)
			}
			wantEntries(t, dir, "step-00000001")
			c.leave(dir)
			save(t, dir, 2, nil)
			wantEntries(t, dir, "step-00000001", "step-00000002")
		})
	}
}

// TestLiveWriterIsLeftAlone: a reader beside a writer must not take its unfinished directory away.
func TestLiveWriterIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, nil)
	part, release, err := makePart(dir, "step-00000002")
	if err != nil {
		t.Fatal(err)
	}
	latest(t, dir, 1)
	if _, err := os.Stat(part); err != nil {
		t.Fatal("the directory of a living writer is gone")
	}
	release()
	latest(t, dir, 1)
	wantEntries(t, dir, "step-00000001")
}

// fullDisk saves under a limit on the size of a file, which fails a write as a full disk does.
func fullDisk(dir string) {
	signal.Ignore(unix.SIGXFSZ)
	limit := unix.Rlimit{Cur: 100_000, Max: 100_000}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("setrlimit:", err)
		os.Exit(1)
	}
	if err := Save(dir, 2, large(2), nil); err != nil {
		fmt.Print(err)
	}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, nil)
	got := runChild(t, dir, "limit")
	want := "checkpoint: " + filepath.Join(dir, "step-00000002") + ": not saved: moments.safetensors: "
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, unix.EFBIG.Error()) || strings.Contains(got, "\n") {
		t.Errorf("error %q, want one line that begins %q", got, want)
	}
	wantEntries(t, dir, "step-00000001")
	if _, warnings := latest(t, dir, 1); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}
