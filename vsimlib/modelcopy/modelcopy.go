// SPDX-License-Identifier: Apache-2.0

// Package modelcopy copies model directories of vsim: to another machine's disk, or out of a run that is to go. The copy has a
// manifest of its own, so that it is checked wherever it is used.
package modelcopy

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// copier is the number of what Copy makes of the same files. Raise it where that becomes something else.
const copier = "copy 1"

// File is a copied file.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Report says what was copied.
type Report struct {
	Files  []File   `json:"files"` // in the order in which they were copied, the weights last
	Notes  []string `json:"notes"`
	Before bool     `json:"-"` // the copy was made before, of the same files
}

// Copy copies the model directory from to out. Before that, it reads the weights and the vocabulary as every command does that
// uses them; what a manifest or a checksum says of a file must hold. out must be absent or empty or, with force, an imported model;
// a copy of the same files is done, and nothing is written.
func Copy(from, out string, force bool) (Report, error) {
	if filetype.Same(from, out) {
		return Report{}, fmt.Errorf("%s: is both the source and the target of the import", out)
	}
	made, err := outdir.Check(out, run.ModelKind)
	if err != nil {
		return Report{}, err
	}
	r, err := survey(from)
	if err != nil {
		return Report{}, err
	}
	if made && !force {
		return r.doneBefore(out)
	}
	err = manifest.BuildFrom(out, run.ModelKind, force, func(aside string) (*manifest.Origin, error) {
		for _, f := range r.Files {
			if err := f.copy(from, aside); err != nil {
				return nil, err
			}
		}
		return manifest.NewOrigin(r.settings(), r)
	})
	return r, err
}

// survey checks a model directory and lists its files.
func survey(from string) (r Report, err error) {
	if err := memplan.CheckLoad(from); err != nil {
		return r, err
	}
	c, _, err := multimodal.Load(from)
	if err == nil {
		_, err = multimodal.LoadVocab(from, c)
	}
	if err != nil {
		return r, err
	}
	r.Notes = []string{}
	for _, name := range run.ModelFiles {
		if !jsonfile.Exists(filepath.Join(from, name)) {
			r.Notes = append(r.Notes, "an older vsim made the model, without "+name)
			continue
		}
		f, err := manifest.Hash(filepath.Join(from, name))
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, File{name, f.Size, f.SHA256})
	}
	return r, nil
}

// settings is all that decides the copy.
func (r Report) settings() []string {
	list := []string{copier}
	for _, f := range r.Files {
		list = append(list, fmt.Sprintf("file %s %s", f.Name, f.SHA256))
	}
	return list
}

// doneBefore returns the report of the import that made out, where it has these files; else an error.
func (r Report) doneBefore(out string) (before Report, err error) {
	done, err := manifest.DoneBefore(out, r.settings(), &before)
	if !done {
		return Report{}, fmt.Errorf("%s: exists; --force overwrites it (%w)", out, cmp.Or(err, errOther))
	}
	before.Before = true
	return before, nil
}

var errOther = errors.New("it was not made of these files")

// copy copies the file and reads it again.
func (f File) copy(from, to string) error {
	source := filepath.Join(from, f.Name)
	in, err := filetype.Open(source)
	if err != nil {
		return fmt.Errorf("%s: %w", source, atomicfile.Cause(err))
	}
	defer in.Close()
	target := filepath.Join(to, f.Name)
	if err := atomicfile.Write(target, func(w io.Writer) error { _, err := io.Copy(w, in); return err }); err != nil {
		return err
	}
	got, err := manifest.Hash(target)
	if err == nil && (got.Size != f.Bytes || got.SHA256 != f.SHA256) {
		err = fmt.Errorf("%s: changed while it was copied", source)
	}
	return err
}
