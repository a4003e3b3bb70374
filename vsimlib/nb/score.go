// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/trainer"
)

// testPart is the part of the corpus that is scored with labels and never trained on.
const testPart = "test_a"

// Evaluate scores models, and ensembles of them, on two splits, and writes all of it to the results file of that name:
//
//   - the pairs that finetuning held out of pairwise. Their leaked pairs have a clip that stands in a training pair too.
//   - test_a. Its leaked pairs have a clip of pointwise or pairwise; there are none on data/emoji.
func Evaluate(results string, names ...string) ([]Score, error) {
	p, err := where()
	if err != nil {
		return nil, err
	}
	c, err := corpus.Open(p.corpus)
	if err != nil {
		return nil, err
	}
	out := Outcome{Scale: p.scale, Corpus: corpusDir, Ensembles: []Joint{}}
	split, err := describe(&out, p, names)
	if err != nil {
		return nil, err
	}
	held, err := heldOut(c, split)
	if err != nil {
		return nil, err
	}
	test, err := unseen(c)
	if err != nil {
		return nil, err
	}
	for _, on := range []labelled{held, test} {
		for _, name := range names {
			set, err := embeddings.Read(Embeddings(name, on.part))
			if err != nil {
				return nil, fmt.Errorf("%w; run the cells that embed first", err)
			}
			r, err := evaluate.Score(set, on.pairs)
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", name, on.name, err)
			}
			out.Scores = append(out.Scores, Score{Model: name, Split: on.name, Pairs: r.Pairs, LeakedPairs: on.leaked, Spearman: r.Spearman, MSE: r.MSE})
		}
	}
	if err := os.MkdirAll(p.results, 0o777); err != nil {
		return nil, err
	}
	return out.Scores, run.WriteJSON(Results(results), out)
}

// labelled is the pairs of a split.
type labelled struct {
	name, part string
	pairs      []corpus.Pair
	leaked     int
}

// heldOut is the pairs of pairwise that finetuning with these settings does not train on.
func heldOut(c *corpus.Corpus, settings recipe.Finetune) (labelled, error) {
	pairs, err := c.Pairs("pairwise")
	if err != nil {
		return labelled{}, err
	}
	split, err := corpus.SplitPairs(pairs, settings.Split, settings.Fold)
	if err != nil {
		return labelled{}, err
	}
	return labelled{"validation, " + settings.Split, "pairwise", split.Val, split.LeakedPairs}, nil
}

// unseen is the pairs of the test part.
func unseen(c *corpus.Corpus) (labelled, error) {
	on := labelled{name: testPart, part: testPart}
	var err error
	if on.pairs, err = c.Pairs(testPart); err != nil {
		return on, err
	}
	trained := map[int64]bool{}
	for _, part := range []string{"pointwise", "pairwise"} {
		if !slices.Contains(c.Parts(), part) {
			continue
		}
		set, err := c.Part(part)
		if err != nil {
			return on, err
		}
		for _, id := range set.IDs() {
			trained[id] = true
		}
	}
	for _, pair := range on.pairs {
		if trained[pair.A] || trained[pair.B] {
			on.leaked++
		}
	}
	return on, nil
}

// describe enters what the names stand for, and returns the finetuning settings that all of them share the split of.
func describe(o *Outcome, p place, names []string) (recipe.Finetune, error) {
	var shared *recipe.Finetune
	for _, name := range names {
		home, err := p.model(name)
		if err != nil {
			return recipe.Finetune{}, err
		}
		if exists(ensembleFile(home)) {
			var joints []Joint
			if err := readJSON(ensembleFile(home), &joints); err != nil {
				return recipe.Finetune{}, err
			}
			o.Ensembles = append(o.Ensembles, joints...)
			continue
		}
		m, settings, err := member(name, home)
		if err != nil {
			return recipe.Finetune{}, err
		}
		if shared != nil && (shared.Split != settings.Split || shared.Fold != settings.Fold) {
			return recipe.Finetune{}, fmt.Errorf("%s was finetuned on the split %s, fold %d, others on %s, fold %d: their validation scores cannot be compared",
				name, settings.Split, settings.Fold, shared.Split, shared.Fold)
		}
		shared = &settings
		o.Members = append(o.Members, m)
	}
	if shared == nil {
		return recipe.Finetune{}, fmt.Errorf("evaluate: name a finetuned model beside the ensembles, for its split")
	}
	return *shared, nil
}

// member reads from its run directories how a model was trained.
func member(name, home string) (Member, recipe.Finetune, error) {
	m := Member{Model: name}
	seconds, err := readSeconds(home)
	if err != nil {
		return m, recipe.Finetune{}, err
	}
	var pretrained trainer.PretrainResult
	var finetuned trainer.FinetuneResult
	before, err := finished(run.Dir(filepath.Join(home, pretrain)), &pretrained)
	if err != nil {
		return m, recipe.Finetune{}, err
	}
	after, err := finished(run.Dir(filepath.Join(home, finetune)), &finetuned)
	if err != nil {
		return m, recipe.Finetune{}, err
	}
	m.Layout, m.Pooling, m.TagInput = after.Model.Layout, after.Model.Pooling, after.Model.TagInput
	m.PretrainSeed, m.PretrainEpochs = before.Pretrain.Seed, before.Pretrain.Epochs
	m.PretrainSteps, m.PretrainSeconds = pretrained.Steps, seconds[pretrain]
	m.FinetuneSeed, m.FinetuneEpochs = after.Finetune.Seed, after.Finetune.Epochs
	m.FinetuneSteps, m.FinetuneSeconds, m.FinetunePairs = finetuned.Steps, seconds[finetune], finetuned.TrainPairs
	return m, after.Finetune, nil
}

// finished reads a run's settings and its result.
func finished(dir run.Dir, result any) (recipe.Recipe, error) {
	if !exists(dir.Result()) {
		return recipe.Recipe{}, fmt.Errorf("%s is not finished; run the cell that trains it", dir)
	}
	if err := readJSON(dir.Result(), result); err != nil {
		return recipe.Recipe{}, err
	}
	return recipe.Load(dir.Recipe())
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
