// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/step"
)

// pretrainCheck validates pretraining: the losses, without dropout, on the first videos of pairwise under masks that are the same
// each time. As in the competition these videos are trained on too, so this shows the fit, not the generalisation.
type pretrainCheck struct {
	source    *source
	videos    *pretrainVideos
	objective step.Pretraining
	exec      *model.Exec // nil before the first validation
}

// newPretrainCheck returns the validation of a source, nil where the recipe or the corpus has none.
func newPretrainCheck(s *source, v *pretrainVideos) *pretrainCheck {
	if s.recipe.Pretrain.ValVideos <= 0 || v.pairwise == nil || v.pairwise.Len() == 0 {
		return nil
	}
	return &pretrainCheck{source: s, videos: v, objective: step.Pretraining{Tasks: losses.TasksOf(s.recipe.Pretrain)}}
}

// valStep is the step of the masks of validation: no training step has it.
const valStep = math.MaxInt32

// run returns the mean losses of the validation videos.
func (c *pretrainCheck) run(ctx context.Context) ([]Loss, error) {
	if err := c.compile(); err != nil {
		return nil, err
	}
	p := c.source.recipe.Pretrain
	videos := min(p.ValVideos, c.videos.pairwise.Len())
	// As many at a time as in training, because a masked frame is compared with the frames of its batch.
	size := min(p.Batch/max(1, p.Accumulate), videos)
	batches := max(1, videos/size)
	var values []Loss
	for _, name := range c.objective.Names() {
		values = append(values, Loss{Name: "val_" + name})
	}
	for i := range batches {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		indices := make([]int, size)
		for j := range indices {
			indices[j] = i*size + j
		}
		found, err := c.compute(valStep-i, indices)
		if err != nil {
			return nil, err
		}
		for j, x := range found {
			values[j].Value += float64(x) / float64(batches)
		}
	}
	return values, nil
}

// compute returns the losses of one batch.
func (c *pretrainCheck) compute(n int, indices []int) ([]float32, error) {
	videos := c.videos.scratch.Take(len(indices))
	defer c.videos.scratch.GiveBack(videos)
	tagged, err := c.videos.read(videos, indices, c.videos.pairwise)
	if err != nil {
		return nil, err
	}
	b, err := c.videos.builder.Pretrain(videos, c.source.recipe.Pretrain.Seed, n, tagged)
	if err != nil {
		return nil, err
	}
	fields := b.Fields(b.Packed())
	weights := step.WeightsOf(c.objective)
	out, err := c.exec.Call(append(batch.Values(fields), weights)...)
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if err := (*f.At).FinalizeAll(); err != nil {
			return nil, err
		}
	}
	if err := weights.FinalizeAll(); err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[float32](out[0])
}

// compile prepares the program.
func (c *pretrainCheck) compile() (err error) {
	if c.exec != nil {
		return nil
	}
	c.exec, err = model.NewExec(c.source.devices.Backend(), c.source.store, func(s *model.Scope, in []*Node) []*Node {
		m := multimodal.Model{Net: bert.New(s.Store(), in[0].Graph(), c.source.model(), nil)}
		return []*Node{Stack(step.Losses(c.objective, m, in, in[len(in)-1]), 0)}
	})
	return err
}

// close releases the program.
func (c *pretrainCheck) close() {
	if c.exec != nil {
		c.exec.Finalize()
	}
}
