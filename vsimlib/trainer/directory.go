// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"

	"vsim/vsimlib/arithmetic"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/modelcard"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/run/outcome"
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
	if err = enter(s, dir, o); err != nil {
		unlock()
	}
	return dir, unlock, err
}

// enter compares the run with the one in the directory, or enters it in a new one.
func enter(s *source, dir run.Dir, o Options) error {
	fingerprint, err := s.corpus.Fingerprint(s.parts()...)
	if err != nil {
		return err
	}
	id, err := runid.Of(string(s.stage), fingerprint, s.vocab, o.Init, s.recipe)
	if err != nil {
		return err
	}
	if s.start, err = runid.NewStart(id, s.recipe, o.Init); err != nil {
		return fmt.Errorf("%s: %w", s.stage, err)
	}
	s.start.Skipped = s.corpus.Skipped().Count()
	number, err := map[Stage]func(string, recipe.Recipe) (string, error){Pretraining: arithmetic.Pretrain,
		Finetuning: arithmetic.Finetune}[s.stage](backends.Kind(o.Backend), s.recipe)
	if err != nil {
		return err
	}
	s.start = s.start.By(provenance.Now(backends.Machine(o.Backend), number), o.MixBackends)
	if s.prior, err = runid.Compare(dir, s.start, s.recipe); err != nil || !s.prior.New {
		return err
	}
	return runid.Enter(dir, s.start, s.recipe)
}

// computed is by what the run was computed, until now.
func computed(s *source) outcome.Computed {
	list := s.start.Spent().Provenance
	return outcome.Computed{Provenance: list, Mixed: list.Mixed(), Skipped: s.corpus.Skipped()}
}

// finish writes the model directory and the result, removes checkpoints that are not needed any more unless all are to be kept, and
// writes the manifest, in this order: with it the run is done.
func finish(s *source, dir run.Dir, result any, by outcome.Computed, saved *states) error {
	if err := optim.WithAverages(s.store, func() error {
		weights, err := multimodal.Weights(s.recipe.Model, s.store)
		if err == nil {
			err = multimodal.Save(dir.Model(), s.recipe.Model, weights, s.vocab)
		}
		return err
	}); err != nil {
		return err
	}
	card := modelcard.Card{Stage: string(s.stage), Recipe: &s.recipe, Result: result, Provenance: by.Provenance, Mixed: by.Mixed,
		Data: modelcard.Data{Corpus: s.corpus.Dir(), Parts: s.parts(), Identity: s.start.Identity}, Skipped: by.Skipped.Count()}
	if err := card.Write(dir.Model()); err != nil {
		return err
	}
	if err := jsonfile.Write(dir.Result(), result); err != nil {
		return err
	}
	saved.thin()
	return seal(dir)
}
