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
	if err = compare(s, dir, o.Init); err != nil {
		unlock()
	}
	return dir, unlock, err
}

// compare compares the run with the one in the directory, or enters it in a new one.
func compare(s *source, dir run.Dir, init string) error {
	fingerprint, err := s.corpus.Fingerprint(s.parts()...)
	if err != nil {
		return err
	}
	id, err := runid.Of(string(s.stage), fingerprint, s.vocab, init)
	if err != nil {
		return err
	}
	return runid.Claim(dir, id, s.recipe, init)
}

// finish writes the model directory and the result, in this order: a result means that everything is written.
func finish(s *source, dir run.Dir, result any) error {
	weights, err := multimodal.Weights(s.recipe.Model, s.store)
	if err != nil {
		return err
	}
	if err := multimodal.Save(dir.Model(), s.recipe.Model, weights, s.vocab); err != nil {
		return err
	}
	return jsonfile.Write(dir.Result(), result)
}
