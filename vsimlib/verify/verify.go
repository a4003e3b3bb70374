// SPDX-License-Identifier: Apache-2.0

// Package verify reads all bytes of what vsim wrote and names what is missing or altered.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/submit"
)

// State is what was found of a directory.
type State string

// The states.
const (
	Verified   State = "verified"   // every file is as its manifest says
	Damaged    State = "damaged"    // some are not
	Unfinished State = "unfinished" // there is no manifest yet; its checkpoints were read
	Unverified State = "unverified" // finished by an older version, which wrote no manifest
)

// Dir is a directory that vsim wrote.
type Dir struct {
	Dir      string   `json:"dir"`
	Kind     string   `json:"kind"` // run, task, corpus, model, study, embeddings
	State    State    `json:"state"`
	Files    int      `json:"files"`
	Problems []string `json:"problems"` // one line each, with the file's path
}

// Report is what was found in all directories.
type Report struct {
	Dirs     []Dir    `json:"runs"`
	Problems []string `json:"problems"` // of all
}

// All verifies everything in and below these directories; files of embeddings may be given too.
func All(ctx context.Context, paths []string) (Report, error) {
	r := Report{Dirs: []Dir{}, Problems: []string{}}
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return r, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
		}
		before := len(r.Dirs)
		if err := filepath.WalkDir(filepath.Clean(path), func(path string, entry fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			return r.visit(path, entry)
		}); err != nil {
			return r, err
		}
		if len(r.Dirs) == before {
			return r, none(path)
		}
	}
	return r, nil
}

// none is the error of a path with nothing to verify.
func none(path string) error {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > 0 &&
		outdir.CheckFile(path, submit.Kind) == nil {
		return fmt.Errorf("%s: is a submission, which has no checksum to verify it by; the vsim submit that wrote it, run again, says "+
			"done before if it is whole", path)
	}
	return fmt.Errorf("%s: has nothing that vsim wrote", path)
}

// visit verifies a directory, or a file of embeddings that no manifest lists.
func (r *Report) visit(path string, entry fs.DirEntry) error {
	if !entry.IsDir() {
		if strings.HasSuffix(path, ".safetensors") && entry.Type().IsRegular() && !listed(path) {
			r.add(loose(path))
		}
		return nil
	}
	if atomicfile.Unfinished(entry.Name()) || filepath.Base(path) == filepath.Base(run.Dir("").Checkpoints()) {
		return fs.SkipDir // being written; read with its run
	}
	if d, ok := directory(path); ok {
		r.add(d)
	}
	return nil
}

func (r *Report) add(d Dir) {
	if len(d.Problems) > 0 {
		d.State = Damaged
	}
	r.Dirs, r.Problems = append(r.Dirs, d), append(r.Problems, d.Problems...)
}

// directory verifies one directory; ok is false where vsim did not write it.
func directory(path string) (d Dir, ok bool) {
	d = Dir{Dir: path, State: Verified, Problems: []string{}}
	m, err := manifest.Read(path)
	switch {
	case err == nil:
		d.Kind, d.Files = m.Kind, len(m.Files)
		for _, p := range m.Verify() {
			d.Problems = append(d.Problems, p.Error())
		}
	case !errors.Is(err, manifest.ErrNone):
		d.Kind, d.Problems = "directory", append(d.Problems, err.Error())
	default:
		if d.Kind, ok = kindWithoutManifest(path); !ok {
			return d, false
		}
		d.State = Unfinished
		if jsonfile.Exists(run.Dir(path).Result()) {
			d.State = Unverified
		}
		if err := runid.CheckIdentity(run.Dir(path)); err != nil {
			d.Problems = append(d.Problems, err.Error())
		}
	}
	if entries, err := os.ReadDir(run.Dir(path).Checkpoints()); err == nil && len(entries) > 0 {
		good, damaged := checkpoint.Survey(run.Dir(path).Checkpoints(), true)
		d.Files += len(good)
		d.Problems = append(d.Problems, damaged...)
	}
	return d, true
}

// kindWithoutManifest is what a directory says it is, in its marker or, of a run of older versions, in its identity.
func kindWithoutManifest(path string) (string, bool) {
	var marker struct {
		Kind string `json:"kind"`
	}
	if jsonfile.Read(filepath.Join(path, outdir.MarkerFile), &marker) == nil && marker.Kind != "" {
		return marker.Kind, true
	}
	return run.Kind.Name, run.Kind.Made(path)
}

// listed reports whether a manifest in the file's folder or the one above lists it.
func listed(path string) bool {
	folder, name := filepath.Dir(path), filepath.Base(path)
	if m, err := manifest.Read(folder); err == nil && m.Has(name) {
		return true
	}
	m, err := manifest.Read(filepath.Dir(folder))
	return err == nil && m.Has(filepath.Base(folder)+"/"+name)
}

// loose verifies a safetensors file by itself.
func loose(path string) Dir {
	d := Dir{Dir: path, Kind: "embeddings", State: Verified, Files: 1, Problems: []string{}}
	f, err := safetensors.Open(path)
	if err == nil {
		defer f.Close()
		if _, ok := f.Metadata()[safetensors.DataSum]; !ok {
			d.State = Unverified
		}
		err = f.Verify()
	}
	if err != nil {
		d.Problems = append(d.Problems, err.Error())
	}
	return d
}
