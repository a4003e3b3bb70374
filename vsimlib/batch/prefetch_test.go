// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// settled waits until no more goroutines run than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func square(step int) (int, error) { return step * step, nil }

func TestPrefetchOrder(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, depth := range []int{-1, 0, 1, 2, 50} {
		var got []int
		for v, err := range Prefetch(context.Background(), 3, 9, depth, square) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if want := []int{9, 16, 25, 36, 49, 64}; !reflect.DeepEqual(got, want) {
			t.Errorf("depth %d: %v, want %v", depth, got, want)
		}
	}
	for range Prefetch(context.Background(), 4, 4, 1, square) {
		t.Error("something of nothing")
	}
	for range Prefetch(context.Background(), 5, 4, 1, square) {
		t.Error("something of less than nothing")
	}
	settled(t, before)
}

func TestPrefetchRunsAheadWithinDepth(t *testing.T) {
	for _, depth := range []int{1, 2, 5} {
		var built, most atomic.Int64
		step := 0
		for range Prefetch(context.Background(), 0, 40, depth, func(int) (int, error) { built.Add(1); return 0, nil }) {
			step++
			time.Sleep(time.Millisecond)
			// Those before step, the one in use among them, and those ahead.
			most.Store(max(most.Load(), built.Load()-int64(step)))
		}
		if most.Load() > int64(depth) || most.Load() < 1 {
			t.Errorf("depth %d: %d ahead", depth, most.Load())
		}
	}
}

func TestPrefetchStops(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, depth := range []int{1, 4} {
		var running atomic.Int64
		for v := range Prefetch(context.Background(), 0, 1_000_000, depth, func(step int) (int, error) {
			running.Add(1)
			defer running.Add(-1)
			return step, nil
		}) {
			if v == 3 {
				break
			}
		}
		if running.Load() != 0 {
			t.Error("a build runs on after the loop")
		}
	}
	settled(t, before)
}

func TestPrefetchError(t *testing.T) {
	before := runtime.NumGoroutine()
	torn := errors.New("torn")
	var built atomic.Int64
	var got []int
	var last error
	for v, err := range Prefetch(context.Background(), 0, 100, 8, func(step int) (int, error) {
		built.Add(1)
		if step == 5 {
			return -1, torn
		}
		return step, nil
	}) {
		if last != nil {
			t.Fatal("something after the error")
		}
		if last = err; err == nil {
			got = append(got, v)
		}
	}
	if last != torn || !reflect.DeepEqual(got, []int{0, 1, 2, 3, 4}) || built.Load() > 6+8 {
		t.Errorf("%v after %v, %d built", last, got, built.Load())
	}
	settled(t, before)
}

// As many builds as depth allows run at the same time: each waits here until all of its group have begun. The first of a group
// ends last, and still comes first.
func TestPrefetchAtTheSameTime(t *testing.T) {
	const depth, groups = 4, 10
	var begun, ended [groups]sync.WaitGroup
	for g := range groups {
		begun[g].Add(depth)
		ended[g].Add(depth - 1)
	}
	want := 0
	for v, err := range Prefetch(context.Background(), 0, depth*groups, depth, func(step int) (int, error) {
		g := step / depth
		begun[g].Done()
		begun[g].Wait()
		if step%depth == 0 {
			ended[g].Wait()
		} else {
			ended[g].Done()
		}
		return step, nil
	}) {
		if err != nil || v != want {
			t.Fatalf("%d, %v, want %d", v, err, want)
		}
		want++
	}
	if want != depth*groups {
		t.Errorf("%d results", want)
	}
}

// An error that is there before earlier results waits for its turn, and of two the one of the earlier step is given, a panic too.
func TestPrefetchErrorsInOrder(t *testing.T) {
	before := runtime.NumGoroutine()
	late := make(chan struct{})
	var got []int
	var last error
	for v, err := range Prefetch(context.Background(), 0, 100, 4, func(step int) (int, error) {
		switch step {
		case 2:
			<-late
			panic("torn")
		case 3:
			close(late)
			return 0, errors.New("a later one")
		}
		return step, nil
	}) {
		if last = err; err == nil {
			got = append(got, v)
		}
	}
	if !reflect.DeepEqual(got, []int{0, 1}) || last == nil || last.Error() != "batch: step 2: internal error: torn" {
		t.Errorf("%v after %v", last, got)
	}
	settled(t, before)
}

func TestPrefetchCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var seen int
	var last error
	for _, err := range Prefetch(ctx, 0, 100, 3, square) {
		if last = err; err != nil {
			continue
		}
		if seen++; seen == 4 {
			cancel()
		}
	}
	if seen != 4 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d batches, then %v; want 4 and the cancellation, though more were ready", seen, last)
	}
	for range Prefetch(ctx, 0, 3, 1, func(int) (int, error) { t.Error("built after the end"); return 0, nil }) {
		seen++
	}
	if seen != 5 { // the error alone
		t.Errorf("seen %d", seen)
	}
	settled(t, before)
}
