// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
)

// claim locks the run directory for a run from this source, after clearing it where Force says so. It is an error if the directory
// has a run of another identity or recipe.
func claim(s *source, o Options) (dir run.Dir, unlock func(), err error) {
	dir = run.Dir(o.Out)
	if o.Force {
		if err := dir.Clear(); err != nil {
			return dir, nil, fmt.Errorf("%s: %w", s.stage, err)
		}
	}
	if unlock, err = dir.Lock(); err != nil {
		return dir, nil, err
	}
	if err = enter(s, dir, o.Init); err != nil {
		unlock()
	}
	return dir, unlock, err
}

// enter compares the run with the one in the directory, or enters it in a new one.
func enter(s *source, dir run.Dir, init string) error {
	fingerprint, err := s.corpus.Fingerprint(s.parts()...)
	if err != nil {
		return err
	}
	id, err := runid.Of(string(s.stage), fingerprint, s.vocab, init)
	if err != nil {
		return err
	}
	if s.start, err = runid.NewStart(id, s.recipe, init); err != nil {
		return fmt.Errorf("%s: %w", s.stage, err)
	}
	if s.prior, err = runid.Compare(dir, s.start, s.recipe); err != nil || !s.prior.New {
		return err
	}
	return runid.Enter(dir, s.start, s.recipe)
}

// finish writes the model directory and the result, removes checkpoints that are not needed any more unless all are to be kept, and
// writes the manifest, in this order: with it the run is done.
func finish(s *source, dir run.Dir, result any, saved *states, keep bool, report func(Progress)) error {
	weights, err := multimodal.Weights(s.recipe.Model, s.store)
	if err != nil {
		return err
	}
	if err := multimodal.Save(dir.Model(), s.recipe.Model, weights, s.vocab); err != nil {
		return err
	}
	if err := jsonfile.Write(dir.Result(), result); err != nil {
		return err
	}
	saved.thin(keep, report)
	return seal(dir)
}
