// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func groupsAt(step int) map[string]Group { return inMemory(large(step)) }

// TestReserve: a checkpoint over a reserve has the same bytes as one without, whatever the reserve was made for; a reserve takes no
// space and leaves nothing.
func TestReserve(t *testing.T) {
	dir, plain := t.TempDir(), t.TempDir()
	if err := Save(plain, 5, large(5), nil); err != nil {
		t.Fatal(err)
	}
	fitting, twice := groupsAt(5), groupsAt(5)
	g := twice["moments"]
	twice["moments"] = Group{Specs: append(g.Specs, g.Specs...)}
	for _, made := range []map[string]Group{fitting, twice} {
		r, err := NewReserve(dir, made)
		if err != nil {
			t.Fatal(err)
		}
		r.Warm()
		var stat unix.Stat_t
		file := filepath.Join(r.path, "moments.safetensors")
		if err := unix.Stat(file, &stat); err != nil || stat.Size < 800_000 || stat.Blocks > 0 {
			t.Errorf("%d bytes in %d blocks, %v", stat.Size, stat.Blocks, err)
		}
		part, err := Begin(dir, "", 5, groupsAt(5), nil, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Finish(nil); err != nil {
			t.Fatal(err)
		}
		for _, name := range entriesOf(t, filepath.Join(plain, "step-00000005")) {
			want, err := os.ReadFile(filepath.Join(plain, "step-00000005", name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, "step-00000005", name))
			if err != nil || string(got) != string(want) {
				t.Errorf("%s differs, %v", name, err)
			}
		}
		wantEntries(t, dir, "step-00000005")
	}
	unused, err := NewReserve(dir, fitting)
	if err != nil {
		t.Fatal(err)
	}
	go unused.Warm()
	latest(t, dir, 5) // leaves the reserve of a living writer alone
	if _, err := os.Stat(unused.path); err != nil {
		t.Error(err)
	}
	unused.Remove()
	failing, err := NewReserve(dir, fitting)
	if err != nil {
		t.Fatal(err)
	}
	failing.Warm()
	if _, err := Begin(dir, "", -1, fitting, nil, failing); err == nil {
		t.Error("a step below 0 is saved")
	}
	wantEntries(t, dir, "step-00000005")
}
