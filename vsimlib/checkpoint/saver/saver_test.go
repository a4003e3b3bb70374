// SPDX-License-Identifier: Apache-2.0

package saver

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/optim"
)

// newStore has n weights with moments, all of one value.
func newStore(t *testing.T, n int, value float32) *model.Store {
	t.Helper()
	store := model.NewStore()
	for _, scope := range []string{"", optim.FirstMoments, optim.SecondMoments} {
		values := make([]float32, n)
		for i := range values {
			values[i] = value
		}
		store.VariableWithValue(scope+"/w", tensors.FromFlatDataAndDimensions(values, n)) // a slice, it would look at each number
	}
	return store
}

// set changes all values in place, as a step does.
func set(t *testing.T, store *model.Store, value float32) {
	t.Helper()
	for v := range store.IterVariables() {
		err := tensors.MutableFlatData(v.MustValue(), func(flat []float32) {
			for i := range flat {
				flat[i] = value
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// loaded is the value of the newest checkpoint and its step.
func loaded(t *testing.T, dir string) (value float32, step int) {
	t.Helper()
	found, warnings, err := checkpoint.Latest(dir)
	if err != nil || found == nil || len(warnings) > 0 {
		t.Fatalf("%v %q, found %t", err, warnings, found != nil)
	}
	store := newStore(t, 1000, -1)
	if err := Load(store, found); err != nil {
		t.Fatal(err)
	}
	for v := range store.IterVariables() {
		value = tensors.MustCopyFlatData[float32](v.MustValue())[999]
	}
	return value, found.Step
}

// TestOneInFlight: a save has the state of its Start, whatever happens afterwards; it counts when it has ended; the next one waits.
func TestOneInFlight(t *testing.T) {
	dir, store := t.TempDir(), newStore(t, 1000, 1)
	s := New(dir)
	began, proceed := make(chan bool), make(chan bool)
	s.Start(store, Save{Step: 1, Before: func() error { began <- true; <-proceed; return nil }})
	<-began
	set(t, store, 2)
	if got := s.Ended(); len(got) > 0 {
		t.Errorf("ended early: %+v", got)
	}
	if found, _, _ := checkpoint.Latest(dir); found != nil {
		t.Error("a save in flight has a checkpoint")
	}
	go func() { proceed <- true }()
	s.Start(store, Save{Step: 2, Before: func() error {
		if value, step := loaded(t, dir); value != 1 || step != 1 {
			t.Errorf("the second save runs beside the first: step %d, value %g", step, value)
		}
		return nil
	}})
	got := s.Wait()
	if len(got) != 2 || got[0].Step != 1 || got[1].Step != 2 || got[0].Err != nil || got[1].Err != nil {
		t.Errorf("%+v", got)
	}
	if value, step := loaded(t, dir); value != 2 || step != 2 {
		t.Errorf("step %d, value %g", step, value)
	}
	if len(s.Wait()) > 0 {
		t.Error("an outcome is returned twice")
	}
}

// TestFailures: a save that fails, when it copies or later, leaves the checkpoint before it and nothing else.
func TestFailures(t *testing.T) {
	dir, store := filepath.Join(t.TempDir(), "checkpoints"), newStore(t, 1000, 1)
	if err := os.WriteFile(dir, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s := New(dir)
	s.Start(store, Save{Step: 1})
	if got := s.Ended(); len(got) != 1 || got[0].Err == nil || !strings.Contains(got[0].Err.Error(), "step-00000001: not saved: ") {
		t.Errorf("%+v", got)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	s.Start(store, Save{Step: 2})
	unlucky := errors.New("unlucky")
	s.Start(store, Save{Step: 3, Before: func() error { return unlucky }})
	if got := s.Wait(); len(got) != 2 || got[0].Err != nil || !errors.Is(got[1].Err, unlucky) {
		t.Errorf("%+v", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "step-00000002" {
		t.Errorf("%v %v", entries, err)
	}
}

// TestCopyTakesNoMemory: the copy of a state is in files alone.
func TestCopyTakesNoMemory(t *testing.T) {
	const n = 8 << 20
	store := newStore(t, n, 3)
	s := New(t.TempDir())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.Start(store, Save{Step: 1})
	if got := s.Wait(); len(got) != 1 || got[0].Err != nil {
		t.Fatalf("%+v", got)
	}
	runtime.ReadMemStats(&after)
	if took, state := after.TotalAlloc-before.TotalAlloc, uint64(3*4*n); took > state/10 {
		t.Errorf("allocated %d MiB for a state of %d", took>>20, state>>20)
	}
}

// TestPrepare: a reserve is made for a large state, once, taken by the next save to continue from, and removed by Close.
func TestPrepare(t *testing.T) {
	dir, store := t.TempDir(), newStore(t, 1<<20, 3)
	names := func() (list []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			list = append(list, strings.Join(strings.SplitAfterN(e.Name(), "-", 3)[:2], ""))
		}
		return list
	}
	s := New(dir)
	s.least = 8 << 20
	for step := 1; step <= 3; step++ {
		s.Prepare(store)
		s.Prepare(store)
		s.Start(store, Save{Name: "best", Step: step})
		if got := strings.Join(names(), " "); strings.Count(got, ".part-next-") != 1 {
			t.Errorf("step %d: %s", step, got)
		}
		s.Start(store, Save{Step: step})
		for _, o := range s.Wait() {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
		}
		if got := strings.Join(names(), " "); strings.Contains(got, ".part") {
			t.Errorf("step %d: %s", step, got)
		}
	}
	s.Prepare(store)
	s.Close()
	if got := strings.Join(names(), " "); strings.Contains(got, ".part") {
		t.Errorf("Close leaves %s", got)
	}
	small := New(dir)
	if small.Prepare(newStore(t, 1000, 1)); small.reserve != nil {
		t.Error("a reserve for a small state")
	}
}
