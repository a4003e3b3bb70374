// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// tree has a finished run with a checkpoint, a stopped one, an older one and an embeddings file.
func tree(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"done", "stopped", "older"} {
		dir := run.Dir(filepath.Join(top, name))
		if name == "older" {
			must(os.MkdirAll(string(dir), 0o777))
		} else {
			must(outdir.Take(string(dir), run.Kind))
		}
		must(jsonfile.Write(dir.Identity(), map[string]string{"stage": "pretrain"}))
		if name != "stopped" {
			must(jsonfile.Write(dir.Result(), map[string]int{"steps": 7}))
		}
		if name == "older" {
			continue
		}
		must(checkpoint.Save(dir.Checkpoints(), 7, nil, map[string]int{"n": 1}))
	}
	done := filepath.Join(top, "done")
	files, err := manifest.HashAll(done, "identity.json", "result.json")
	must(err)
	must(manifest.Write(done, run.Kind, files))
	set := &embeddings.Set{IDs: []int64{1}, Dim: 2, Data: []float32{1, 2}}
	must(set.Write(filepath.Join(top, "e.safetensors")))
	must(os.WriteFile(filepath.Join(top, "notes.txt"), nil, 0o666))
	return top
}

// TestAll reads whole directories; a flipped bit anywhere is named, though the file has its old time and size.
func TestAll(t *testing.T) {
	top := tree(t)
	r, err := All(context.Background(), []string{top})
	if err != nil || len(r.Problems) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	want := map[string]State{"done": Verified, "stopped": Unfinished, "older": Unverified, "e.safetensors": Verified}
	for _, d := range r.Dirs {
		if want[filepath.Base(d.Dir)] != d.State || d.Dir == top {
			t.Errorf("%+v", d)
		}
	}
	if len(r.Dirs) != len(want) {
		t.Errorf("%+v", r.Dirs)
	}
	for _, name := range []string{"done/result.json", "done/identity.json", "done/vsim.json",
		"done/checkpoints/step-00000007/state.json", "stopped/checkpoints/step-00000007/state.json",
		"stopped/checkpoints/step-00000007/manifest.json", "e.safetensors"} {
		top := tree(t)
		path := filepath.Join(top, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 4
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		r, err := All(context.Background(), []string{top})
		if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], path) {
			t.Errorf("%s: %q, %v", name, r.Problems, err)
		}
	}
}

func TestNothing(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		if _, err := All(context.Background(), []string{dir}); err == nil || !strings.HasPrefix(err.Error(), dir+": ") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// TestSubmission: a submission has nothing to verify it by, and the error says so.
func TestSubmission(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	if _, err := z.Create("result.json"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := All(context.Background(), []string{path}); err == nil ||
		!strings.HasPrefix(err.Error(), path+": is a submission, which has no checksum") {
		t.Error(err)
	}
}
