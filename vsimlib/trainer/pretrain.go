// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// Pretrain trains on tags, masked words and masked frames in the run directory o.Out, or goes on there, and returns what result.json
// holds. Where o.Recipe has 0 epochs it ends at once with the fresh (or given) model.
func Pretrain(ctx context.Context, o Options) (PretrainResult, error) {
	var result PretrainResult
	s, err := open(ctx, "pretrain", o)
	if err != nil {
		return result, err
	}
	defer s.unlock()
	if done, err := s.finished(&result); done || err != nil {
		return result, err
	}
	v, err := s.openVideos()
	if err != nil {
		return result, err
	}
	p, err := v.plan()
	if err != nil {
		return result, err
	}
	l, err := s.run(ctx, p)
	if err != nil {
		return result, err
	}
	result = PretrainResult{Steps: p.steps, Videos: v.all.Len(), Devices: max(1, o.Devices), VideosPerS: l.rate.videosPerS(), Model: s.dir.Model()}
	if result.Losses, result.Val, err = summary(s.dir, p); err != nil {
		return result, err
	}
	return result, s.finish(result)
}

// pretrainVideos are the videos of pretraining: the union by id, each once an epoch.
type pretrainVideos struct {
	*session
	all      *corpus.Set
	pairwise *corpus.Set // nil where the corpus has none
	untagged map[int64]bool
	builder  *batch.Builder
	scratch  scratch
}

func (s *session) openVideos() (*pretrainVideos, error) {
	v := &pretrainVideos{session: s, untagged: map[int64]bool{}}
	sets := map[string]*corpus.Set{}
	for _, name := range s.reads() {
		set, err := s.corpus.Part(name)
		if err != nil {
			return nil, err
		}
		sets[name] = set
	}
	if n := s.Recipe.Pretrain.MaxPointwise; n > 0 && sets["pointwise"] != nil {
		sets["pointwise"] = sets["pointwise"].First(n)
	}
	var tagged []*corpus.Set
	for _, name := range []string{"pointwise", "pairwise"} {
		if set := sets[name]; set != nil {
			tagged = append(tagged, set)
		}
	}
	v.all, v.pairwise = corpus.Union(tagged...), sets["pairwise"]
	if v.all.Len() == 0 && s.Recipe.Pretrain.Epochs > 0 {
		return nil, fmt.Errorf("pretrain: %s has no videos in pointwise or pairwise", s.Corpus)
	}
	if s.Recipe.Pretrain.IncludeTests {
		v.addTests(sets)
	}
	var err error
	if v.builder, err = PretrainBuilder(s.Recipe, s.Devices, s.tokens, s.tags); err != nil {
		return nil, err
	}
	return v, v.builder.Measure(v.all.Len(), v.all.Video) // of no video, nothing is measured
}

// addTests adds the test videos; they have no tags, so the tag loss does not see them.
func (v *pretrainVideos) addTests(sets map[string]*corpus.Set) {
	trained := v.all
	for _, name := range []string{"test_a", "test_b"} {
		set := sets[name]
		if set == nil {
			continue
		}
		for i := range set.Len() {
			if _, known := trained.Find(set.ID(i)); !known {
				v.untagged[set.ID(i)] = true
			}
		}
		v.all = corpus.Union(v.all, set)
	}
}

// plan lays out the epochs over all videos and, after them, those over pairwise alone, with a schedule of their own but the same
// optimiser (member 4).
func (v *pretrainVideos) plan() (plan, error) {
	p := v.Recipe.Pretrain
	first := p.Schedule(v.all.Len())
	var second recipe.Schedule
	if p.Epochs > 0 && p.PairwiseEpochs > 0 {
		if v.pairwise == nil {
			return plan{}, fmt.Errorf("pretrain: pairwise_epochs is %d, but %s has no pairwise videos", p.PairwiseEpochs, v.Corpus)
		}
		second = p.PairwiseSchedule(v.pairwise.Len())
		if err := v.splits(v.pairwise.Len(), p.Batch, p.Accumulate); err != nil {
			return plan{}, err
		}
	}
	if err := v.splits(v.all.Len(), p.Batch, p.Accumulate); first.Steps > 0 && err != nil {
		return plan{}, err
	}
	adam := func(s recipe.Schedule) optim.Config {
		return optim.Config{LREncoder: p.LREncoder, LRHeads: p.LRHeads, WeightDecay: p.WeightDecay, Eps: p.AdamEps, TotalSteps: s.Steps, Warmup: s.Warmup}
	}
	var order epochOrder
	out := plan{
		steps: first.Steps + second.Steps, lastEpoch: cmp.Or(second.StepsPerEpoch, first.StepsPerEpoch), epochs: p.Epochs + p.PairwiseEpochs,
		checkpointEvery: p.CheckpointEvery, valEvery: p.ValEvery, seed: p.Seed,
		passes: func(step int) float64 {
			if step <= first.Steps {
				return float64(step) / float64(max(1, first.StepsPerEpoch))
			}
			return float64(p.Epochs) + float64(step-first.Steps)/float64(second.StepsPerEpoch)
		},
		rates: func(step int) (*tensors.Tensor, float64) {
			c, place := adam(first), step
			if step >= first.Steps {
				c, place = adam(second), step-first.Steps
			}
			return c.Rates(place, step+1), p.LREncoder * c.Factor(place)
		},
		example: func(step int) (example, error) {
			if step < first.Steps {
				return v.train(step, order.places(v.all.Len(), p.Batch, p.Seed, 0, step), v.all)
			}
			// The further epochs go on counting, so that their orders differ from the first ones'.
			return v.train(step, order.places(v.pairwise.Len(), p.Batch, p.Seed, p.Epochs, step-first.Steps), v.pairwise)
		},
	}
	out.pretraining(v.computed(), adam(first))
	if p.ValVideos > 0 && v.pairwise != nil && v.pairwise.Len() > 0 && out.steps > 0 {
		check := &pretrainCheck{pretrainVideos: v}
		out.validate, out.close = check.run, check.close
	}
	return out, nil
}

// pretraining sets what a step of pretraining computes.
func (p *plan) pretraining(r recipe.Recipe, o optim.Config) {
	t := losses.TasksOf(r.Pretrain)
	p.losses, p.rows = t.Names(), pretrainRows
	p.graph = pretrainStep(r.Model, t, o)
	if r.Pretrain.Accumulate > 1 {
		p.graph, p.update = microStep(r.Model, pretrainLoss(t), t.Sum, numPretrain(r.Model)), updateStep(r.Model, o)
	}
}

// train is the example of a training step: whole, or in the recipe's micro-batches.
func (v *pretrainVideos) train(step int, places []int, set *corpus.Set) (example, error) {
	videos := v.scratch.take(len(places))
	defer v.scratch.put(videos)
	tagged, ids, err := v.read(videos, places, set)
	if err != nil {
		return example{}, err
	}
	parts, err := pretrainBatches(v.builder, v.Recipe.Pretrain, step, videos, tagged)
	if err != nil {
		return example{}, err
	}
	e, err := pretrainExample(v.Recipe.Pretrain, parts)
	e.ids = ids
	return e, err
}

// pretrainBatches builds a step's batch, or its micro-batches. tagged tells which videos have tags (nil: all of them).
func pretrainBatches(b *batch.Builder, p recipe.Pretrain, step int, videos []corpus.Video, tagged []bool) ([]*batch.Pretrain, error) {
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

// pretrainExample takes what pretrainBatches has built apart into arrays.
func pretrainExample(p recipe.Pretrain, parts []*batch.Pretrain) (example, error) {
	e := example{}
	for _, b := range parts {
		e.videos += len(b.IDs)
	}
	if p.Accumulate <= 1 {
		e.tensors = batch.Values(parts[0].Fields(parts[0].Packed()))
		return e, nil
	}
	var err error
	e.micro, err = microBatches(e.videos, len(parts), func(first, _ int) ([]any, []float64, error) {
		b := parts[first/(e.videos/len(parts))]
		counts, err := totals(b.TagValid, b.MLMWeights, b.MFMWeights)
		if p.WeightSimCSE != 0 {
			counts = append(counts, float64(len(b.IDs)))
		}
		return batch.Values(b.Fields(b.Packed())), counts, err
	})
	return e, err
}

func (v *pretrainVideos) example(step int, places []int, set *corpus.Set) (example, error) {
	videos := v.scratch.take(len(places))
	defer v.scratch.put(videos)
	tagged, ids, err := v.read(videos, places, set)
	if err != nil {
		return example{}, err
	}
	b, err := v.builder.Pretrain(videos, v.Recipe.Pretrain.Seed, step, tagged)
	if err != nil {
		return example{}, err
	}
	return example{tensors: batch.Values(b.Fields(b.Packed())), ids: ids, videos: len(videos)}, nil
}

// read fills in the videos at places of set, and tells whether their tags are known, and their ids.
func (v *pretrainVideos) read(videos []corpus.Video, places []int, set *corpus.Set) (tagged []bool, ids []string, err error) {
	tagged, ids = make([]bool, len(places)), make([]string, len(places))
	for i, place := range places {
		if err := set.Read(place, &videos[i]); err != nil {
			return nil, nil, err
		}
		tagged[i], ids[i] = !v.untagged[videos[i].ID], strconv.FormatInt(videos[i].ID, 10)
	}
	return tagged, ids, nil
}

// pretrainCheck validates pretraining: the losses, without dropout, on the first videos of pairwise under masks that are the
// same each time. As in the competition these videos are trained on too, so this watches the fit, not the generalisation.
type pretrainCheck struct {
	*pretrainVideos
	exec *model.Exec
}

// valStep stands for a step in the masks of validation: no training step has it.
const valStep = math.MaxInt32

func (c *pretrainCheck) run(ctx context.Context, _ *loop, _ int) ([]Loss, error) {
	if err := c.compile(); err != nil {
		return nil, err
	}
	// As many at a time as training has, of whose frames a masked one is told apart.
	size := min(c.Recipe.Pretrain.Batch/max(1, c.Recipe.Pretrain.Accumulate), c.Recipe.Pretrain.ValVideos, c.pairwise.Len())
	batches := max(1, min(c.Recipe.Pretrain.ValVideos, c.pairwise.Len())/size)
	names := losses.TasksOf(c.Recipe.Pretrain).Names()
	values := make([]Loss, len(names))
	for i, name := range names {
		values[i].Name = "val_" + name
	}
	for i := range batches {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		places := make([]int, size)
		for j := range places {
			places[j] = i*size + j
		}
		e, err := c.example(valStep-i, places, c.pairwise)
		if err != nil {
			return nil, err
		}
		out, err := c.exec.Call(e.tensors...)
		if err != nil {
			return nil, err
		}
		found, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, err
		}
		if err := e.free(); err != nil {
			return nil, err
		}
		for j, x := range found {
			values[j].Value += float64(x) / float64(batches)
		}
	}
	return values, nil
}

func (c *pretrainCheck) close() {
	if c.exec != nil {
		c.exec.Finalize()
	}
}

func (c *pretrainCheck) compile() (err error) {
	if c.exec != nil {
		return nil
	}
	c.exec, err = model.NewExec(c.Backend, c.store, func(s *model.Scope, in []*Node) []*Node {
		m := multimodal.Model{Net: bert.New(s.Store(), in[0].Graph(), c.computed().Model, nil)}
		return []*Node{Stack(pretrainLosses(m, pretrainNodes(m.Config, in), losses.TasksOf(c.Recipe.Pretrain)), 0)}
	})
	return err
}
