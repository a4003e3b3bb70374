// SPDX-License-Identifier: Apache-2.0

// Package runid is the identity of a run directory: what its run was started with. A run continues only in the directory of a run
// with the same identity and recipe.
package runid

import (
	"fmt"
	"path/filepath"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// Identity is what a run was started with, apart from its recipe.
type Identity struct {
	Stage  string `json:"stage"`
	Corpus string `json:"corpus"` // fingerprint of the parts that the stage reads
	Vocab  string `json:"vocab"`  // sha256 of vocab.txt
	Init   string `json:"init"`   // sha256 of the initial weights' data, "" for fresh ones
}

// Of returns the identity of a stage's run on a corpus of that fingerprint, with the vocabulary file vocab and, unless it is "",
// the model directory init.
func Of(stage, fingerprint, vocab, init string) (Identity, error) {
	id := Identity{Stage: stage, Corpus: fingerprint}
	var err error
	if id.Vocab, err = run.FileHash(vocab); err != nil || init == "" {
		return id, err
	}
	id.Init, err = safetensors.DataHash(filepath.Join(init, run.WeightsFile))
	return id, err
}

// older returns an identity as older versions wrote it: they hashed all of the initial weights' file, not the data alone.
func (i Identity) older(init string) Identity {
	if init != "" {
		i.Init, _ = run.FileHash(filepath.Join(init, run.WeightsFile)) // "" is no run's
	}
	return i
}

// differs says how a run with the identity i differs from one with now.
func (i Identity) differs(now Identity) string {
	switch {
	case i.Vocab != now.Vocab:
		return "with another vocabulary"
	case i.Corpus != now.Corpus:
		return "on a corpus of other contents"
	}
	return "from other weights"
}

// Claim writes identity and resolved recipe into a new run directory, or compares them with those of an old one; the error names
// the first difference. init is the model directory that the run starts from, "" for none. The caller holds the directory's lock.
func Claim(dir run.Dir, now Identity, r recipe.Recipe, init string) error {
	if !began(dir) {
		if err := outdir.Take(string(dir), run.Kind); err != nil {
			return err
		}
		if err := jsonfile.Write(dir.Identity(), now); err != nil {
			return err
		}
		return jsonfile.Write(dir.Recipe(), r)
	}
	if err := sameStage(dir, now.Stage); err != nil {
		return err
	}
	was, err := recipe.Load(dir.Recipe())
	if err != nil {
		return err
	}
	if diff := was.Diff(r); len(diff) > 0 {
		return fmt.Errorf("%s: %s: was started with another recipe (%s); use another directory or the old settings",
			now.Stage, dir, diff[0])
	}
	var before Identity
	if err := jsonfile.Read(dir.Identity(), &before); err != nil {
		return err
	}
	if before != now && before != now.older(init) {
		return fmt.Errorf("%s: %s: was started %s; use another directory", now.Stage, dir, before.differs(now))
	}
	return nil
}

// began reports whether dir has a run that can be compared with another: one that failed before its first step has nothing to lose.
func began(dir run.Dir) bool { return jsonfile.Exists(dir.Recipe()) && jsonfile.Exists(dir.Metrics()) }

// sameStage returns an error if the run in dir is one of another stage.
func sameStage(dir run.Dir, stage string) error {
	var was Identity
	if err := jsonfile.Read(dir.Identity(), &was); err != nil {
		return err
	}
	if was.Stage != stage {
		return fmt.Errorf("%s: %s: was started as a run of %s; use another directory", stage, dir, was.Stage)
	}
	return nil
}

// Finished reads the result of a run that is done into result; done is false for any other run.
func Finished(dir run.Dir, result any) (done bool, err error) {
	if !jsonfile.Exists(dir.Result()) {
		return false, nil
	}
	if err := jsonfile.Read(dir.Result(), result); err != nil {
		return false, err
	}
	return true, nil
}
