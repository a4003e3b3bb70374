// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vsim/vsimlib/safetensors"
)

// testState is a caller's state.
type testState struct {
	Refs
	Best float64 `json:"best"`
}

// groupsOf makes groups whose values tell their step.
func groupsOf(step int) map[string][]safetensors.Tensor {
	s := float32(step)
	return map[string][]safetensors.Tensor{
		"weights": {
			safetensors.FromFloat32("b.bias", []int{3}, []float32{s, s + 1, s + 2}),
			safetensors.FromFloat32("a.weight", []int{2, 3}, []float32{s, -s, 0, 1, 2, 3}),
		},
		"moments": {safetensors.FromFloat32("adamw_m/a.weight", []int{2, 3}, []float32{0, 0, 1, 1, s, s})},
	}
}

func save(t *testing.T, dir string, step int, state any) {
	t.Helper()
	if err := Save(dir, step, groupsOf(step), state); err != nil {
		t.Fatal(err)
	}
}

// latest returns the newest checkpoint and fails unless it is of the step and holds that step's values.
func latest(t *testing.T, dir string, step int) (*Loaded, []string) {
	t.Helper()
	loaded, warnings, err := Latest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if loaded == nil {
		t.Fatalf("no checkpoint, want step %d; warnings %q", step, warnings)
	}
	if loaded.Step != step {
		t.Fatalf("step %d, want %d; warnings %q", loaded.Step, step, warnings)
	}
	holds(t, loaded, step)
	return loaded, warnings
}

// holds fails unless a checkpoint has the values of groupsOf(step).
func holds(t *testing.T, loaded *Loaded, step int) {
	t.Helper()
	weights, err := loaded.Group("weights")
	if err != nil {
		t.Fatal(err)
	}
	want := groupsOf(step)["weights"]
	if len(weights) != 2 || !reflect.DeepEqual(weights[0], want[1]) || !reflect.DeepEqual(weights[1], want[0]) {
		t.Fatalf("weights %v, want %v sorted by name", weights, want)
	}
}

// entriesOf lists a directory, hidden names too.
func entriesOf(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func wantEntries(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := entriesOf(t, dir); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s holds %q, want %q", filepath.Base(dir), got, want)
	}
}

func TestRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run", "checkpoints") // missing folders are made
	for _, step := range []int{0, 7, 99999999, 100000000} { // the last is a digit longer and must count as newest
		save(t, dir, step, testState{Best: 0.5})
	}
	loaded, warnings := latest(t, dir, 100000000)
	if len(warnings) != 0 {
		t.Errorf("warnings %q", warnings)
	}
	var state testState
	if err := json.Unmarshal(loaded.State, &state); err != nil || state.Best != 0.5 {
		t.Errorf("state %s: %v", loaded.State, err)
	}
	if _, err := loaded.Group("moments"); err != nil {
		t.Error(err)
	}
	if _, err := loaded.Group("nothing"); err == nil || !strings.Contains(err.Error(), "nothing.safetensors") {
		t.Errorf("error %v", err)
	}
	wantEntries(t, dir, "step-00000000", "step-00000007", "step-100000000", "step-99999999")
	wantEntries(t, filepath.Join(dir, "step-00000007"), ManifestFile, "moments.safetensors", stateFile, "weights.safetensors")
}

func TestNothingThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	loaded, warnings, err := Latest(dir)
	if loaded != nil || warnings != nil || err != nil {
		t.Errorf("%v %q %v, want nothing", loaded, warnings, err)
	}
	if warnings := Prune(dir, 2); warnings != nil {
		t.Errorf("Prune warns %q", warnings)
	}
	if _, err := LoadNamed(dir, "best", 3); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line", err)
	}
	if err := os.WriteFile(dir, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Latest(dir); err == nil {
		t.Error("a file is taken for a directory of checkpoints")
	}
	if err := Save(dir, 1, groupsOf(1), nil); err == nil || !strings.Contains(err.Error(), "step-00000001: not saved") {
		t.Errorf("error %v", err)
	}
}

func TestOddGroups(t *testing.T) {
	dir := t.TempDir()
	if err := Save(dir, 1, map[string][]safetensors.Tensor{"empty": nil}, []int{1, 2}); err != nil {
		t.Fatal(err)
	}
	loaded, _, err := Latest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := loaded.Group("empty"); err != nil || len(list) != 0 {
		t.Errorf("%v %v, want an empty group", list, err)
	}
	if string(loaded.State) != "[\n  1,\n  2\n]" {
		t.Errorf("state %s", loaded.State)
	}
	twice := []safetensors.Tensor{safetensors.FromFloat32("w", []int{1}, []float32{1}),
		safetensors.FromFloat32("w", []int{1}, []float32{1})}
	for name, fails := range map[string]func() error{
		"group name":  func() error { return Save(dir, 2, map[string][]safetensors.Tensor{"../x": nil}, nil) },
		"same tensor": func() error { return Save(dir, 2, map[string][]safetensors.Tensor{"w": twice}, nil) },
		"state":       func() error { return Save(dir, 2, nil, func() {}) },
		"step":        func() error { return Save(dir, -1, nil, nil) },
		"name":        func() error { return write(dir, "Best one", 2, nil, nil) },
		"step name":   func() error { return write(dir, "step", 2, nil, nil) },
	} {
		if err := fails(); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
	}
	wantEntries(t, dir, "step-00000001")
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 5, testState{Best: 1})
	save(t, dir, 5, testState{Best: 2})
	loaded, warnings := latest(t, dir, 5)
	var state testState
	if err := json.Unmarshal(loaded.State, &state); err != nil || state.Best != 2 || len(warnings) != 0 {
		t.Errorf("state %s, warnings %q: the second save must win", loaded.State, warnings)
	}
	wantEntries(t, dir, "step-00000005")
}

// TestAltered flips bits and cuts the end at every offset of every file: each is noticed, named and passed over.
func TestAltered(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, testState{Best: 1})
	save(t, dir, 2, testState{Best: 2})
	last := filepath.Join(dir, entryName(stepName, 2))
	for _, name := range entriesOf(t, last) {
		file := filepath.Join(last, name)
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, data []byte) {
			t.Helper()
			if err := os.WriteFile(file, data, 0o666); err != nil {
				t.Fatal(err)
			}
			_, warnings := latest(t, dir, 1)
			if len(warnings) != 1 || !strings.Contains(warnings[0], last) || strings.Contains(warnings[0], "\n") {
				t.Fatalf("%s, %s: warnings %q, want one line with its path", name, what, warnings)
			}
			if name != ManifestFile && !strings.Contains(warnings[0], name) {
				t.Fatalf("%s, %s: warning %q does not name the file", name, what, warnings[0])
			}
		}
		every := 1
		if testing.Short() {
			every = 7 // every bit of a byte in turn
		}
		for at := 0; at < len(good); at += every {
			bad := append([]byte(nil), good...)
			bad[at] ^= 1 << (at % 8)
			try(fmt.Sprintf("bit %d of byte %d", at%8, at), bad)
			try(fmt.Sprintf("cut to %d", at), good[:at])
		}
		try("a byte more", append(append([]byte(nil), good...), ' '))
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if _, warnings := latest(t, dir, 1); len(warnings) != 1 || !strings.Contains(warnings[0], name) {
			t.Fatalf("%s removed: warnings %q", name, warnings)
		}
		if err := os.WriteFile(file, good, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, warnings := latest(t, dir, 2); len(warnings) != 0 {
			t.Fatalf("%s restored: warnings %q", name, warnings)
		}
	}
}

func TestAllTorn(t *testing.T) {
	dir := t.TempDir()
	for step := range 3 {
		save(t, dir, step, nil)
		if err := os.Truncate(filepath.Join(dir, entryName(stepName, step), "weights.safetensors"), 9); err != nil {
			t.Fatal(err)
		}
	}
	loaded, warnings, err := Latest(dir)
	if loaded != nil || err != nil || len(warnings) != 3 {
		t.Errorf("%v %q %v, want no checkpoint and three lines", loaded, warnings, err)
	}
	Prune(dir, 1)
	wantEntries(t, dir, "step-00000000", "step-00000001", "step-00000002") // none is whole, so none goes
	save(t, dir, 2, nil)                                                   // the run comes by again
	latest(t, dir, 2)
}

func TestForeignNames(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 3, nil)
	for _, name := range []string{"step-4", "step-000000000000009", "step-00000009x", "notes", "step-99999999999999999999"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if _, warnings := latest(t, dir, 3); len(warnings) != 0 {
		t.Errorf("warnings %q about names that are not ours", warnings)
	}
	if before, _ := entriesOf(t, dir), Prune(dir, 1); !reflect.DeepEqual(before, entriesOf(t, dir)) {
		t.Error("Prune removed what is not ours")
	}
	// A checkpoint under another step's name is not that step.
	if err := os.Rename(filepath.Join(dir, "step-00000003"), filepath.Join(dir, "step-00000004")); err != nil {
		t.Fatal(err)
	}
	if loaded, warnings, _ := Latest(dir); loaded != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "says step 3") {
		t.Errorf("%v %q", loaded, warnings)
	}
}
