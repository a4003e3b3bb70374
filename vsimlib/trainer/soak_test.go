// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
)

// held is what this process holds of the system.
type held struct {
	rss                  int // MiB
	fds, threads, mapped int // mapped: areas of memory
}

// holds returns what the process holds after a collection of garbage.
func holds(t *testing.T) held {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	count := func(dir string) int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	var pages, resident int
	statm, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(statm), &pages, &resident)
	}
	if err != nil {
		t.Fatal(err)
	}
	return held{resident * os.Getpagesize() >> 20, count("/proc/self/fd"), count("/proc/self/task"), bytes.Count(maps, []byte("\n"))}
}

// grown says what a process holds more of than allowed, "" for nothing. Go's runtime makes a thread where one waits for the disk,
// and maps memory in pieces; a save in the background may hold a few files just then. A leak in every step or save is more.
func (h held) grown(now held) string {
	switch {
	case now.rss > h.rss+h.rss/10+16:
		return fmt.Sprintf("%d MiB of memory, %d before", now.rss, h.rss)
	case now.fds > h.fds+8:
		return fmt.Sprintf("%d open files, %d before", now.fds, h.fds)
	case now.threads > h.threads+4:
		return fmt.Sprintf("%d threads, %d before", now.threads, h.threads)
	case now.mapped > h.mapped+h.mapped/10+40:
		return fmt.Sprintf("%d mapped areas, %d before", now.mapped, h.mapped)
	}
	return ""
}

// TestSoak trains a few hundred steps with a save and a validation every few: memory, open files, threads and mapped areas are
// after all of them what they were after a third. With -short it makes half of them. VSIM_SOAK=10000 makes that many steps.
func TestSoak(t *testing.T) {
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("no /proc")
	}
	steps := 320
	if testing.Short() {
		steps = 160
	}
	if text := os.Getenv("VSIM_SOAK"); text != "" {
		var err error
		if steps, err = strconv.Atoi(text); err != nil || steps < 30 {
			t.Fatalf("VSIM_SOAK: want a number of steps of at least 30, got %q", text)
		}
	}
	const perEpoch = 6 // of 41 videos, 6 at a time
	options := map[string]func(*testing.T, ...string) Options{"go": goOptions, "xla": xlaOptions}
	for name, optionsOf := range options {
		t.Run(name, func(t *testing.T) {
			if name == "xla" && testing.Short() {
				t.Skip("compilations of XLA")
			}
			o := optionsOf(t, fmt.Sprintf("pretrain.epochs=%d", steps/perEpoch), "pretrain.checkpoint_every=5", "pretrain.val_every=10",
				"model.num_hidden_layers=1", "model.keep_padding=true", "pretrain.weight_mlm=0", "pretrain.weight_mfm=0") // quick to compile
			var before held
			saved := 0
			o.Report = func(p Progress) {
				if p.Stage == Saving {
					saved++
				}
				if p.Trained() && p.Step == p.Steps/3 {
					before = holds(t)
				}
				if p.Trained() && p.Step == p.Steps {
					if what := before.grown(holds(t)); what != "" {
						t.Errorf("after %d steps: %s, after %d", p.Step, what, p.Steps/3)
					}
				}
			}
			r, err := Pretrain(context.Background(), o)
			if err != nil || r.Steps < steps-perEpoch || saved < r.Steps/5 {
				t.Fatalf("%d steps, %d saves, %v", r.Steps, saved, err)
			}
			t.Logf("%d steps, %d saves: %+v", r.Steps, saved, before)
		})
	}
}

// TestGrown: a leak of one of each a save is seen within the default run.
func TestGrown(t *testing.T) {
	const saves = 40 // in the last two thirds of it
	before := held{100, 11, 20, 900}
	for _, now := range []held{{167, 11, 20, 900}, {100, 11 + saves, 20, 900}, {100, 11, 20 + saves, 900},
		{100, 11, 20, 900 + 4*saves}} {
		if before.grown(now) == "" {
			t.Errorf("%+v", now)
		}
	}
	if what := before.grown(held{110, 11, 22, 910}); what != "" {
		t.Error(what)
	}
}
