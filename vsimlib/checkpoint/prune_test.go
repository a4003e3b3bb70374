// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func refsTo(step int) testState { return testState{Refs: Refs{Named: map[string]int{"best": step}}} }

func saveBest(t *testing.T, dir string, step int) {
	t.Helper()
	if err := write(dir, "best", step, groupsOf(step), nil); err != nil {
		t.Fatal(err)
	}
}

// spoil flips one byte of a checkpoint's weights.
func spoil(t *testing.T, dir, entry string) {
	t.Helper()
	file := filepath.Join(dir, entry, "weights.safetensors")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestPruneKeepsTheNewestWhole(t *testing.T) {
	for _, c := range []struct {
		name     string
		torn     []string
		keep     int
		want     []string
		warnings int
	}{
		{"all whole", nil, 2, []string{"step-00000003", "step-00000004"}, 0},
		{"keep below one", nil, -1, []string{"step-00000004"}, 0},
		{"keep more than there are", nil, 9, []string{"step-00000001", "step-00000002", "step-00000003", "step-00000004"}, 0},
		{"newest torn", []string{"step-00000004"}, 1, []string{"step-00000003", "step-00000004"}, 1},
		{"two newest torn", []string{"step-00000004", "step-00000003"}, 1,
			[]string{"step-00000002", "step-00000003", "step-00000004"}, 2},
		{"one between torn", []string{"step-00000003"}, 2, []string{"step-00000002", "step-00000004"}, 1},
		{"oldest torn", []string{"step-00000001"}, 3, []string{"step-00000002", "step-00000003", "step-00000004"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for step := 1; step <= 4; step++ {
				save(t, dir, step, nil)
			}
			for _, entry := range c.torn {
				spoil(t, dir, entry)
			}
			before, _, err := Latest(dir)
			if err != nil {
				t.Fatal(err)
			}
			if warnings := Prune(dir, c.keep); len(warnings) != c.warnings {
				t.Errorf("warnings %q, want %d", warnings, c.warnings)
			}
			wantEntries(t, dir, c.want...)
			latest(t, dir, before.Step)
		})
	}
}

// TestPruneNamed follows a run: at every moment the best of the newest checkpoint, and of the one before it, can be loaded.
func TestPruneNamed(t *testing.T) {
	dir := t.TempDir()
	bests := map[int]int{10: 10, 20: 10, 30: 30, 40: 40, 50: 40}
	for step := 10; step <= 50; step += 10 {
		if bests[step] == step {
			saveBest(t, dir, step)
			// A kill or a prune here, between the new best and its checkpoint, must not cost the old best.
			Prune(dir, 2)
			if step > 10 {
				if _, err := LoadNamed(dir, "best", bests[step-10]); err != nil {
					t.Fatal(err)
				}
			}
		}
		save(t, dir, step, refsTo(bests[step]))
		if warnings := Prune(dir, 2); len(warnings) != 0 {
			t.Fatalf("warnings %q", warnings)
		}
		for _, s := range []int{step, step - 10} {
			if s < 10 {
				continue
			}
			loaded, err := LoadNamed(dir, "best", bests[s])
			if err != nil {
				t.Fatal(err)
			}
			holds(t, loaded, bests[s])
		}
	}
	wantEntries(t, dir, "best-00000040", "step-00000040", "step-00000050")
}

func TestPruneLeavesUnknownNames(t *testing.T) {
	dir := t.TempDir()
	saveBest(t, dir, 1)
	save(t, dir, 2, nil) // a state that refers to nothing tells nothing about best
	Prune(dir, 1)
	wantEntries(t, dir, "best-00000001", "step-00000002")
	save(t, dir, 3, "a string")
	Prune(dir, 1)
	wantEntries(t, dir, "best-00000001", "step-00000003")
}

func TestDropAfter(t *testing.T) {
	dir := t.TempDir()
	saveBest(t, dir, 10)
	save(t, dir, 10, refsTo(10))
	saveBest(t, dir, 12) // killed before the checkpoint of 12
	if warnings := DropAfter(dir, 10); len(warnings) != 0 {
		t.Fatalf("warnings %q", warnings)
	}
	wantEntries(t, dir, "best-00000010", "step-00000010")
	if warnings := DropAfter(filepath.Join(dir, "missing"), 1); len(warnings) != 0 {
		t.Fatalf("warnings %q", warnings)
	}
}

func TestNamedTorn(t *testing.T) {
	dir := t.TempDir()
	saveBest(t, dir, 4)
	spoil(t, dir, "best-00000004")
	_, err := LoadNamed(dir, "best", 4)
	if err == nil || !strings.Contains(err.Error(), "best-00000004/weights.safetensors: altered") {
		t.Fatalf("error %v", err)
	}
	saveBest(t, dir, 4)
	if _, err := LoadNamed(dir, "best", 4); err != nil {
		t.Fatal(err)
	}
}

// TestPruneWarnsWhereItCannotRemove prunes as a user who may not write in the directory.
func TestPruneWarnsWhereItCannotRemove(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, nil)
	save(t, dir, 2, nil)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o777)
	out := runChild(t, dir, "readonly")
	if !strings.Contains(out, "step-00000001: cannot be removed: permission denied") || strings.Count(out, "\n") != 1 {
		t.Errorf("warnings %q, want one", out)
	}
	wantEntries(t, dir, "step-00000001", "step-00000002")
	latest(t, dir, 2)
}

// pruneReadonly is the child of that test. Root may write everywhere, so it steps down first, from within the directory: another
// user may not come by its path.
func pruneReadonly(dir string) {
	if err := os.Chdir(dir); err != nil {
		fmt.Println(err)
	}
	if os.Geteuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			fmt.Println("setuid:", err)
		}
	}
	for _, warning := range Prune(".", 1) {
		fmt.Println(warning)
	}
}

// TestThin keeps the newest whole checkpoint and what it needs, and reads nothing where there is one.
func TestThin(t *testing.T) {
	dir := t.TempDir()
	if Size(filepath.Join(dir, "absent")) != 0 || len(Thin(filepath.Join(dir, "absent"))) != 0 {
		t.Error("something in an absent folder")
	}
	saveBest(t, dir, 1)
	for step := 1; step <= 3; step++ {
		save(t, dir, step, refsTo(1))
	}
	before := Size(dir)
	if warnings := Thin(dir); len(warnings) != 0 {
		t.Error(warnings)
	}
	if got := strings.Join(entriesOf(t, dir), " "); got != "best-00000001 step-00000003" {
		t.Errorf("left %s", got)
	}
	if after := Size(dir); after <= 0 || after >= before {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	saveBest(t, dir, 2)
	saveBest(t, dir, 4)
	if warnings := Thin(dir); len(warnings) != 0 {
		t.Error(warnings)
	}
	if got := strings.Join(entriesOf(t, dir), " "); got != "best-00000001 best-00000004 step-00000003" {
		t.Errorf("left %s", got)
	}
	// A process was killed while it removed the last but one.
	if err := os.Mkdir(partPath(dir, "step-00000002"), 0o777); err != nil {
		t.Fatal(err)
	}
	spoil(t, dir, "step-00000003")
	if warnings := Thin(dir); len(warnings) != 0 {
		t.Errorf("the only checkpoint was read: %v", warnings)
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, partPrefix+"*")); len(parts) != 0 {
		t.Errorf("left %s", parts)
	}
}

// TestPruneReadsNothingTwice: what was verified is not read again, unless it has changed since.
func TestPruneReadsNothingTwice(t *testing.T) {
	dir := t.TempDir()
	var known Verified
	for step := 1; step <= 3; step++ {
		part, err := Begin(dir, "", step, inMemory(groupsOf(step)), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Finish(&known); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "step-00000003", "weights.safetensors")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	spoil(t, dir, "step-00000003")
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if warnings := known.Prune(dir, 1); len(warnings) > 0 {
		t.Errorf("read again: %q", warnings)
	}
	save(t, dir, 2, nil)
	if err := os.Chtimes(file, info.ModTime(), info.ModTime().Add(1)); err != nil {
		t.Fatal(err)
	}
	if warnings := known.Prune(dir, 1); len(warnings) != 1 || !strings.Contains(warnings[0], "altered") {
		t.Errorf("not read though changed: %q", warnings)
	}
	latest(t, dir, 2)
}
