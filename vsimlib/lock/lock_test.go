// SPDX-License-Identifier: Apache-2.0

package lock

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "lock")
	unlock, err := Wait(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := 0
	if _, err := Wait(ctx, path, func() { waits++; cancel() }); !errors.Is(err, context.Canceled) || waits != 1 {
		t.Errorf("a held lock: %v after %d notices", err, waits)
	}
	again, err := Wait(t.Context(), path, unlock) // free once it waits
	if err != nil {
		t.Fatal(err)
	}
	again()
	third, err := Wait(t.Context(), path, func() { t.Error("waiting for a free lock") })
	if err != nil {
		t.Fatal(err)
	}
	third()
	if _, err := Wait(t.Context(), filepath.Join(path, "under-a-file"), nil); err == nil {
		t.Error("a lock under a file")
	}
}

// TestTry takes the lock of a file and of a folder.
func TestTry(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "file"), dir} {
		if Held(path) {
			t.Errorf("%s: held before it was taken", path)
		}
		unlock, ok, err := Try(path)
		if !ok || err != nil {
			t.Fatalf("%s: %t, %v", path, ok, err)
		}
		if !Held(path) {
			t.Errorf("%s: not held", path)
		}
		release, ok, err := Try(path)
		if ok || err != nil {
			t.Errorf("%s: taken twice: %t, %v", path, ok, err)
		}
		release() // of a lock that was not taken: changes nothing
		if !Held(path) {
			t.Errorf("%s: freed by another", path)
		}
		unlock()
		unlock()
		if Held(path) {
			t.Errorf("%s: held after unlock", path)
		}
	}
	if Held(filepath.Join(dir, "none")) {
		t.Error("a lock without a file is held")
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Held made the file: %v", err)
	}
	if _, ok, err := Try(filepath.Join(dir, "no", "folder")); ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lock in no folder: %t, %v", ok, err)
	}
}

// TestHeldRefusesNoTry takes a free lock again and again while others look at it, and is refused at once by who really has it.
func TestHeldRefusesNoTry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("123\n"), 0o666); err != nil { // a killed process left it
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for ctx.Err() == nil {
				Held(path)
			}
		})
	}
	defer wait.Wait()
	defer cancel()
	for i := range 300 {
		unlock, ok, err := Try(path)
		if !ok || err != nil {
			t.Fatalf("attempt %d: %t, %v", i, ok, err)
		}
		if !Held(path) {
			t.Fatalf("attempt %d: taken and not held", i)
		}
		if _, ok, err := Try(path); ok || err != nil {
			t.Fatalf("attempt %d: taken twice: %t, %v", i, ok, err)
		}
		unlock()
	}
}
