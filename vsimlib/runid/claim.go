// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// Prior is what a run directory says of an earlier run in it.
type Prior struct {
	New   bool    // there is none, or one that failed before its first step
	Doubt []error // identity.json or recipe.json are missing or altered: a checkpoint must say what the run was started with
	Stale bool    // the files differ in settings that change no result
}

// Compare compares a run that is to be in dir with an earlier one there; the error names the first difference. It writes nothing.
// The caller holds the directory's lock.
func Compare(dir run.Dir, now Start, resolved recipe.Recipe) (p Prior, err error) {
	if !began(dir) {
		return Prior{New: true}, nil
	}
	before, errIdentity := identityOf(dir)
	was, errRecipe := recipeOf(dir)
	for _, err := range []error{errIdentity, errRecipe} {
		if err != nil {
			p.Doubt = append(p.Doubt, err)
		}
	}
	if errIdentity == nil && before.Stage != now.Stage {
		return p, otherStage(dir, before.Identity, now.Stage)
	}
	if errRecipe == nil {
		if diff := read(now.Stage, was).Diff(now.settings); len(diff) > 0 {
			return p, fmt.Errorf("%s: %s: was started with another recipe (%s); use another directory or the old settings",
				now.Stage, dir, diff[0])
		}
		p.Stale = !was.Equal(resolved) || !written(dir.Recipe(), resolved)
	}
	if errIdentity == nil && before.Identity != now.Identity && before.Identity != now.older(now.init) {
		return p, fmt.Errorf("%s: %s: was started %s; use another directory", now.Stage, dir, before.differs(now.Identity))
	}
	if errIdentity == nil && before.By != nil {
		return p, now.Conflict(string(dir), provenance.List{*before.By})
	}
	return p, nil
}

// written reports whether a file has the bytes that jsonfile.Write gives it for a value.
func written(path string, value any) bool {
	want, err := jsonfile.Encode(value)
	got, errRead := filetype.ReadFile(path)
	return err == nil && errRead == nil && bytes.Equal(got, want)
}

// Enter marks dir as that of a run that is not done, and writes what it is started with.
func Enter(dir run.Dir, now Start, resolved recipe.Recipe) error {
	if err := outdir.Take(string(dir), run.Kind); err != nil {
		return err
	}
	identity, err := now.entry()
	if err == nil {
		err = jsonfile.Write(dir.Identity(), identity)
	}
	if err != nil {
		return err
	}
	return jsonfile.Write(dir.Recipe(), resolved)
}

// Restore writes identity.json and recipe.json again where a manifest lists them with these contents, and reports whether it did.
// What computed the run is taken from its result.
func Restore(m *manifest.Manifest, now Start, resolved recipe.Recipe) (bool, error) {
	dir := run.Dir(m.Dir())
	var result struct{ Provenance provenance.List }
	if err := jsonfile.Read(dir.Result(), &result); err != nil {
		return false, nil
	}
	now.Provenance = result.Provenance
	identity, err := now.entry()
	if err != nil {
		return false, err
	}
	if !m.Fits(filepath.Base(dir.Identity()), identity) {
		identity.Sum = "" // as older versions wrote it
	}
	files := map[string]any{dir.Identity(): identity, dir.Recipe(): resolved}
	for path, value := range files {
		if !m.Fits(filepath.Base(path), value) {
			return false, nil
		}
	}
	for path, value := range files {
		if err := jsonfile.Write(path, value); err != nil {
			return false, err
		}
	}
	return true, nil
}

// began reports whether dir has a run that can be compared with another: one that failed before its first step has nothing to lose.
func began(dir run.Dir) bool {
	if entries, err := os.ReadDir(dir.Checkpoints()); err == nil && len(entries) > 0 {
		return true
	}
	started := jsonfile.Exists(dir.Recipe()) || jsonfile.Exists(dir.Identity())
	return started && (jsonfile.Exists(dir.Metrics()) || jsonfile.Exists(dir.Result()))
}

// identityOf reads the identity of the run in dir, which must be as the manifest says if there is one.
func identityOf(dir run.Dir) (id entry, err error) {
	err = readChecked(dir.Identity(), func(data []byte) (err error) {
		id, err = decodeEntry(dir.Identity(), data)
		return err
	})
	if err == nil && id.Stage == "" {
		err = fmt.Errorf("%s: does not say the stage", dir.Identity())
	}
	return id, err
}

// recipeOf reads the recipe of the run in dir, which must be as the manifest says if there is one.
func recipeOf(dir run.Dir) (r recipe.Recipe, err error) {
	err = readChecked(dir.Recipe(), func(data []byte) (err error) {
		if r, err = recipe.Decode(data); err != nil {
			err = fmt.Errorf("%s: %w", dir.Recipe(), err)
		}
		return err
	})
	return r, err
}

// readChecked reads a file of a run directory and decodes its bytes if they are as the manifest says, where it lists them.
func readChecked(path string, decode func(data []byte) error) error {
	name := filepath.Base(path)
	var data []byte
	m, err := manifest.Read(filepath.Dir(path))
	if err == nil && m.Has(name) {
		data, err = m.ReadFile(name)
	} else {
		data, err = filetype.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%s: is missing", path)
		}
	}
	if err != nil {
		return err
	}
	return decode(data)
}

// sameStage returns an error if the run in dir is one of another stage. A run whose identity is lost has any.
func sameStage(dir run.Dir, stage string) error {
	was, err := identityOf(dir)
	if err != nil || was.Stage == stage {
		return nil
	}
	return otherStage(dir, was.Identity, stage)
}

func otherStage(dir run.Dir, was Identity, stage string) error {
	return fmt.Errorf("%s: %s: was started as a run of %s; use another directory", stage, dir, was.Stage)
}
