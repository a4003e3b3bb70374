// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run/outcome"
)

// Describe says how the models and ensembles of those names were made, and returns the settings of each one's finetuning. Those
// of an ensemble are its member's that was trained on the most pairs, which include the others'. Models that were finetuned on
// different splits are an error, and so are ensembles alone.
func (w Workspace) Describe(names []string) (results.Evaluation, map[string]recipe.Finetune, error) {
	e := results.Evaluation{Scale: w.Scale, Corpus: CorpusDir, Ensembles: []results.Joined{}}
	settings := map[string]recipe.Finetune{}
	first := ""
	for _, name := range names {
		m, err := w.Model(name)
		if err != nil {
			return e, nil, err
		}
		if m.IsEnsemble() {
			joined, err := m.Ensemble()
			if err != nil {
				return e, nil, err
			}
			e.Ensembles = append(e.Ensembles, joined...)
			continue
		}
		member, finetune, err := m.member()
		if err != nil {
			return e, nil, err
		}
		if first == "" {
			first = name
		}
		settings[name] = finetune
		if err := onOneSplit(name, finetune, settings[first]); err != nil {
			return e, nil, err
		}
		e.Members = append(e.Members, member)
	}
	if first == "" {
		return e, nil, errors.New("evaluate: name a finetuned model with the ensembles, for its split")
	}
	return e, settings, w.addEnsembles(e.Ensembles, settings, settings[first])
}

// onOneSplit is an error where a model was finetuned on another split than the others.
func onOneSplit(name string, settings, others recipe.Finetune) error {
	if settings.Split == others.Split && settings.Fold == others.Fold {
		return nil
	}
	return fmt.Errorf("%s was finetuned on the split %s, fold %d, others on %s, fold %d: their validation scores cannot be compared",
		name, settings.Split, settings.Fold, others.Split, others.Fold)
}

// addEnsembles adds the settings of ensembles to those of the models.
func (w Workspace) addEnsembles(ensembles []results.Joined, settings map[string]recipe.Finetune, others recipe.Finetune) error {
	for _, e := range ensembles {
		members, err := w.membersOf(e, nil)
		if err != nil {
			return err
		}
		for _, m := range members {
			var r outcome.Finetune
			trained, err := m.Finished(Finetune, &r)
			if err != nil {
				return err
			}
			if err := onOneSplit(m.Name, trained.Finetune, others); err != nil {
				return err
			}
			const all = math.MaxInt
			if most, ok := settings[e.Model]; !ok || trained.Finetune.Pairs(all) > most.Pairs(all) {
				settings[e.Model] = trained.Finetune
			}
		}
	}
	return nil
}

// membersOf lists the trained models of an ensemble, which may have ensembles as members; inside are those that it is a member of.
func (w Workspace) membersOf(e results.Joined, inside []string) ([]Model, error) {
	if slices.Contains(inside, e.Model) {
		return nil, fmt.Errorf("the ensemble %s is a member of itself", e.Model)
	}
	inside = append(inside, e.Model)
	var list []Model
	for _, name := range e.Members {
		m, err := w.Model(name)
		if err != nil {
			return nil, err
		}
		if !m.IsEnsemble() {
			list = append(list, m)
			continue
		}
		parts, err := m.Ensemble()
		if err != nil {
			return nil, err
		}
		for _, part := range parts[:min(1, len(parts))] { // those of all parts have the same members
			more, err := w.membersOf(part, inside)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

// member reads from its run directories how a model was trained.
func (m Model) member() (results.Member, recipe.Finetune, error) {
	seconds, err := m.Seconds()
	if err != nil {
		return results.Member{}, recipe.Finetune{}, err
	}
	var pretrained outcome.Pretrain
	before, err := m.Finished(Pretrain, &pretrained)
	if err != nil {
		return results.Member{}, recipe.Finetune{}, err
	}
	var finetuned outcome.Finetune
	after, err := m.Finished(Finetune, &finetuned)
	if err != nil {
		return results.Member{}, recipe.Finetune{}, err
	}
	return results.Member{
		Model: m.Name, Layout: after.Model.Layout, Pooling: after.Model.Pooling, TagInput: after.Model.TagInput,
		PretrainSeed: before.Pretrain.Seed, PretrainEpochs: before.Pretrain.Epochs,
		PretrainSteps: pretrained.Steps, PretrainSeconds: seconds[Pretrain],
		FinetuneSeed: after.Finetune.Seed, FinetuneEpochs: after.Finetune.Epochs,
		FinetuneSteps: finetuned.Steps, FinetuneSeconds: seconds[Finetune], FinetunePairs: finetuned.TrainPairs,
	}, after.Finetune, nil
}
