// SPDX-License-Identifier: Apache-2.0

package recipe

// Schedule is the derived lengths of a training run, in steps.
type Schedule struct {
	StepsPerEpoch int `json:"steps_per_epoch"`
	Steps         int `json:"steps"`  // over all epochs
	Warmup        int `json:"warmup"` // of these, with a rising learning rate; at least 1
}

// NewSchedule is the one place that derives steps and warm-up. An epoch of n examples has floor(n/batch) steps, for an
// incomplete last batch is dropped; fewer examples than a batch make one step with all of them.
//
//	warmup = max(1, floor(steps · warmup_ratio))
//
// Differs: the released code computes its cosine over floor(n·epochs/batch) steps, a few more than it takes.
func NewSchedule(n, batch, epochs int, warmupRatio float64) Schedule {
	if n <= 0 || batch <= 0 || epochs <= 0 {
		return Schedule{Warmup: 1}
	}
	perEpoch := max(1, n/batch)
	steps := perEpoch * epochs
	return Schedule{StepsPerEpoch: perEpoch, Steps: steps, Warmup: max(1, int(float64(steps)*warmupRatio))}
}

// Schedule is that of the epochs over all n videos.
func (p Pretrain) Schedule(n int) Schedule { return NewSchedule(n, p.Batch, p.Epochs, p.WarmupRatio) }

// PairwiseSchedule is that of the further epochs over the n videos of pairwise.
func (p Pretrain) PairwiseSchedule(n int) Schedule {
	return NewSchedule(n, p.Batch, p.PairwiseEpochs, p.WarmupRatio)
}

// Pairs is how many of n training pairs are used.
func (t Finetune) Pairs(n int) int {
	if t.MaxPairs > 0 {
		return min(n, t.MaxPairs)
	}
	return n
}

// Schedule is that of finetuning where the split has n training pairs.
func (t Finetune) Schedule(n int) Schedule {
	return NewSchedule(t.Pairs(n), t.Batch, t.Epochs, t.WarmupRatio)
}
