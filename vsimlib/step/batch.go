// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
)

// PretrainBuilder returns the builder of pretraining's batches under a resolved recipe, for a number of devices (0: one). A task
// that is off masks nothing.
func PretrainBuilder(r recipe.Recipe, devices int, tok *tokenizer.Tokenizer, tags []int64) (*batch.Builder, error) {
	t, config := losses.TasksOf(r.Pretrain), batch.ConfigOf(ModelOn(r.Model, devices))
	if t.MLM.On {
		config.MLMProbability = r.Pretrain.MLMProbability
	}
	if t.MFM.On {
		config.MFMProbability = r.Pretrain.MFMProbability
	}
	return batch.NewBuilder(config, tok, tags)
}

// PretrainParts builds the batch of a step of pretraining, in micro-batches where the recipe accumulates. tagged reports for each
// video whether it has tags (nil: all of them do).
func PretrainParts(b *batch.Builder, p recipe.Pretrain, step int, videos []corpus.Video, tagged []bool) ([]*batch.Pretrain, error) {
	parts := make([]*batch.Pretrain, max(1, p.Accumulate))
	size := len(videos) / len(parts)
	for i := range parts {
		first, last := i*size, (i+1)*size
		known := tagged
		if tagged != nil {
			known = tagged[first:last]
		}
		var err error
		if parts[i], err = b.PretrainPart(videos[first:last], p.Seed, step, first, known); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// PairParts builds the batch of a step of finetuning, in micro-batches where the recipe accumulates. teacher has the teacher's
// cosines; nil: there is none.
func PairParts(b *batch.Builder, r recipe.Finetune, first, second []corpus.Video, target, teacher []float32) (parts []*batch.Pairs,
	err error) {
	parts = make([]*batch.Pairs, max(1, r.Accumulate))
	size := len(target) / len(parts)
	for i := range parts {
		from, to := i*size, (i+1)*size
		if parts[i], err = b.Pairs(first[from:to], second[from:to], target[from:to]); err != nil {
			return nil, err
		}
		if teacher == nil {
			continue
		}
		if err := parts[i].Teach(teacher[from:to]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// Batch is the batch of one step, in the form that a Step takes.
type Batch struct {
	Videos int
	IDs    []string  // of its videos or pairs, for messages
	parts  [][]array // of each micro-batch; where there are several, its shares last

	n     int             // its step
	rates *tensors.Tensor // of the step
	more  [][]array       // once uploaded: what the step takes besides each micro-batch, and last what its update takes
}

// At is the batch as that of step n (from 0) at these learning rates, which it frees. A step takes no other.
func (b Batch) At(n int, rates *tensors.Tensor) Batch {
	b.n, b.rates, b.more = n, rates, make([][]array, len(b.parts)+1)
	return b
}

// carried is the batch itself: what embeds a Batch carries it through Sequence.
func (b Batch) carried() Batch { return b }

// Size is the number of its videos.
func (b Batch) Size() int { return b.Videos }

// NewPretrainBatch takes the arrays of what PretrainParts has built.
func NewPretrainBatch(p recipe.Pretrain, parts []*batch.Pretrain) (Batch, error) {
	var b Batch
	var counts [][]float64
	for _, part := range parts {
		b.add(part.Fields(part.Packed()))
		b.Videos += len(part.IDs)
		for _, id := range part.IDs {
			b.IDs = append(b.IDs, strconv.FormatInt(id, 10))
		}
		if len(parts) == 1 {
			return b, nil
		}
		of, err := totals(part.TagValid, part.MLMWeights, part.MFMWeights)
		if err != nil {
			return Batch{}, err
		}
		if losses.TasksOf(p).SimCSE.On {
			of = append(of, float64(len(part.IDs)))
		}
		counts = append(counts, of)
	}
	b.share(counts)
	return b, nil
}

// NewPairBatch takes the arrays of what PairParts has built.
func NewPairBatch(parts []*batch.Pairs) Batch {
	var b Batch
	var counts [][]float64
	for _, part := range parts {
		b.add(part.Fields(part.Packed()))
		b.Videos += 2 * len(part.IDs)
		for _, id := range part.IDs {
			b.IDs = append(b.IDs, fmt.Sprintf("%d-%d", id[0], id[1]))
		}
		of := []float64{float64(len(part.IDs))}
		if part.Taught() { // both parts of the loss are means over the pairs
			of = append(of, of[0])
		}
		counts = append(counts, of)
	}
	if len(parts) > 1 {
		b.share(counts)
	}
	return b
}

func (b *Batch) add(fields []batch.Field[*tensors.Tensor]) {
	b.parts = append(b.parts, arraysOf(fields))
}

// share appends its shares to each micro-batch. counts says of each how many elements each part of the loss is a mean of.
func (b *Batch) share(counts [][]float64) {
	for i := range b.parts {
		shares := make([]float32, len(counts[i]))
		for j := range shares {
			all := 0.0
			for _, c := range counts {
				all += c[j]
			}
			shares[j] = float32(counts[i][j] / max(all, 1))
		}
		p := params[*tensors.Tensor]{shares: tensors.FromFlatDataAndDimensions(shares, len(shares))}
		b.parts[i] = append(b.parts[i], arraysOf(p.micro()[:1])...)
	}
}

// Free releases the memory of the arrays, wherever they are.
func (b Batch) Free() error {
	if b.rates != nil && b.more[0] == nil { // not uploaded
		if err := b.rates.FinalizeAll(); err != nil {
			return err
		}
	}
	return free(append(slices.Concat(b.parts...), slices.Concat(b.more...)...))
}

// totals are the sums of arrays of weights.
func totals(weights ...*tensors.Tensor) ([]float64, error) {
	sums := make([]float64, len(weights))
	for i, w := range weights {
		values, err := tensors.CopyFlatData[float32](w)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			sums[i] += float64(v)
		}
	}
	return sums, nil
}
