// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"fmt"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/trainer"
)

// Describe says how the models and ensembles of those names were made, and returns the settings of finetuning, of which all models
// share the split. Models that were finetuned on different splits are an error, and so are ensembles alone.
func (w Workspace) Describe(names []string) (results.Evaluation, recipe.Finetune, error) {
	e := results.Evaluation{Scale: w.Scale, Corpus: CorpusDir, Ensembles: []results.Joined{}}
	var shared *recipe.Finetune
	for _, name := range names {
		m, err := w.Model(name)
		if err != nil {
			return e, recipe.Finetune{}, err
		}
		if m.IsEnsemble() {
			joined, err := m.Ensemble()
			if err != nil {
				return e, recipe.Finetune{}, err
			}
			e.Ensembles = append(e.Ensembles, joined...)
			continue
		}
		member, settings, err := m.member()
		if err != nil {
			return e, recipe.Finetune{}, err
		}
		if shared != nil && (shared.Split != settings.Split || shared.Fold != settings.Fold) {
			const differ = "%s was finetuned on the split %s, fold %d, others on %s, fold %d: their validation scores cannot be compared"
			return e, recipe.Finetune{}, fmt.Errorf(differ, name, settings.Split, settings.Fold, shared.Split, shared.Fold)
		}
		shared = &settings
		e.Members = append(e.Members, member)
	}
	if shared == nil {
		return e, recipe.Finetune{}, errors.New("evaluate: name a finetuned model with the ensembles, for its split")
	}
	return e, *shared, nil
}

// member reads from its run directories how a model was trained.
func (m Model) member() (results.Member, recipe.Finetune, error) {
	seconds, err := m.Seconds()
	if err != nil {
		return results.Member{}, recipe.Finetune{}, err
	}
	var pretrained trainer.PretrainResult
	before, err := m.Finished(Pretrain, &pretrained)
	if err != nil {
		return results.Member{}, recipe.Finetune{}, err
	}
	var finetuned trainer.FinetuneResult
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
