// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"errors"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/recipe"
)

// labelled is the part of a corpus that finetuning reads.
const labelled = "pairwise"

// Finetune trains the model o.Init on labelled pairs in the run directory o.Out, or goes on there, validating on pairs held out by
// the recipe's split, and returns what result.json holds.
func Finetune(ctx context.Context, o Options) (FinetuneResult, error) {
	var result FinetuneResult
	if o.Init == "" {
		return result, errors.New("finetune: no model to start from; pretrain one first (with pretrain.epochs=0 it is a fresh one)")
	}
	s, err := open(ctx, "finetune", o)
	if err != nil {
		return result, err
	}
	defer s.unlock()
	if done, err := s.finished(&result); done || err != nil {
		return result, err
	}
	f, err := s.openPairs()
	if err != nil {
		return result, err
	}
	defer f.embedder.Close()
	p, err := f.plan()
	if err != nil {
		return result, err
	}
	l, err := s.run(ctx, p)
	if err != nil {
		return result, err
	}
	chosen, err := f.choose(ctx, l)
	if err != nil {
		return result, err
	}
	split := f.split
	result = FinetuneResult{Steps: p.steps, ValSpearman: chosen.Spearman, ValMSE: chosen.MSE, Split: split.Rule, Fold: s.Recipe.Finetune.Fold,
		TrainPairs: len(f.split.Train), ValPairs: len(split.Val), ValVideos: split.ValVideos, LeakedPairs: split.LeakedPairs,
		LeakedVideos: split.LeakedVideos, SelectedStep: chosen.Step, VideosPerS: l.rate.videosPerS(), Devices: max(1, o.Devices), Model: s.dir.Model()}
	return result, s.finish(result)
}

// finetunePairs is what finetuning trains and validates on.
type finetunePairs struct {
	*session
	videos   *corpus.Set
	split    corpus.Split        // its training pairs are those that the recipe uses
	target   map[float64]float64 // by score: its label, rank-normalised over all pairs of the corpus, or as it is
	builder  *batch.Builder
	embedder *multimodal.Embedder
	last     *scored
	scratch  scratch
}

func (s *session) openPairs() (*finetunePairs, error) {
	f := &finetunePairs{session: s}
	var err error
	if f.videos, err = s.corpus.Part(labelled); err != nil {
		return nil, err
	}
	pairs, err := s.corpus.Pairs(labelled)
	if err != nil {
		return nil, err
	}
	if f.target, err = targets(pairs, s.Recipe.Finetune.Labels); err != nil {
		return nil, fmt.Errorf("finetune: labels of %s: %w", labelled, err)
	}
	r := s.Recipe.Finetune
	if f.split, err = corpus.SplitPairs(pairs, r.Split, r.Fold); err != nil {
		return nil, err
	}
	if len(f.split.Train) == 0 || len(f.split.Val) < 2 {
		return nil, fmt.Errorf("finetune: split %s, fold %d: %d pairs to train on and %d to validate on; use another fold or split",
			r.Split, r.Fold, len(f.split.Train), len(f.split.Val))
	}
	if err := rank.Check(scores(f.split.Val)); err != nil {
		return nil, fmt.Errorf("finetune: split %s, fold %d: labels to validate on: %w", r.Split, r.Fold, err)
	}
	f.split = f.split.First(r.Pairs(len(f.split.Train)))
	if f.builder, err = batch.NewBuilder(batch.ConfigOf(s.computed().Model), s.tokens, s.tags); err != nil {
		return nil, err
	}
	if err := f.builder.Measure(f.videos.Len(), f.videos.Video); err != nil {
		return nil, err
	}
	f.embedder, err = multimodal.NewEmbedder(s.Backend, s.store, s.computed().Model, f.builder, min(2*r.Batch, f.split.ValVideos))
	return f, err
}

// targets maps each score to its rank-normalised label (E5), ranked over all pairs as in the competition, or where the recipe takes
// the labels raw to itself.
func targets(pairs []corpus.Pair, kind string) (map[float64]float64, error) {
	labels := scores(pairs)
	normal, err := rank.Normalize(labels)
	if err != nil {
		return nil, err
	}
	target := map[float64]float64{}
	for i, score := range labels {
		if kind == recipe.LabelsRaw {
			target[score] = score
			continue
		}
		target[score] = normal[i] // equal scores have equal average ranks
	}
	return target, nil
}

func scores(pairs []corpus.Pair) []float64 {
	out := make([]float64, len(pairs))
	for i, p := range pairs {
		out[i] = p.Score
	}
	return out
}

func (f *finetunePairs) plan() (plan, error) {
	r, model := f.Recipe.Finetune, f.computed().Model
	schedule := r.Schedule(len(f.split.Train))
	adam := optim.Config{LREncoder: r.LREncoder, LRHeads: r.LRHeads, WeightDecay: r.WeightDecay, Eps: r.AdamEps, TotalSteps: schedule.Steps, Warmup: schedule.Warmup}
	var order epochOrder
	if err := f.splits(len(f.split.Train), r.Batch, r.Accumulate); schedule.Steps > 0 && err != nil {
		return plan{}, err
	}
	out := plan{
		steps: schedule.Steps, lastEpoch: schedule.StepsPerEpoch, epochs: r.Epochs,
		checkpointEvery: r.CheckpointEvery, valEvery: r.ValEvery, seed: r.Seed,
		passes: func(step int) float64 { return float64(step) / float64(max(1, schedule.StepsPerEpoch)) },
		losses: []string{"loss"},
		graph:  finetuneStep(model, r, adam),
		rows:   pairRows,
		rates: func(step int) (*tensors.Tensor, float64) {
			return adam.Rates(step, step+1), r.LREncoder * adam.Factor(step)
		},
		example: func(step int) (example, error) {
			return f.example(order.places(len(f.split.Train), r.Batch, r.Seed, 0, step))
		},
		validate: f.validate,
	}
	if r.Accumulate > 1 {
		only := func(parts []*Node) *Node { return parts[0] }
		out.graph, out.update = microStep(model, finetuneLoss(r), only, numPairs(model)), updateStep(model, adam)
	}
	return out, nil
}

// example is that of a training step: whole, or in the recipe's micro-batches.
func (f *finetunePairs) example(places []int) (example, error) {
	n := len(places)
	videos, target, ids := f.scratch.take(2*n), make([]float32, n), make([]string, n)
	defer f.scratch.put(videos)
	first, second := videos[:n], videos[n:]
	for i, place := range places {
		p := f.split.Train[place]
		if err := f.read(p.A, &first[i]); err != nil {
			return example{}, err
		}
		if err := f.read(p.B, &second[i]); err != nil {
			return example{}, err
		}
		target[i], ids[i] = float32(f.target[p.Score]), fmt.Sprintf("%d-%d", p.A, p.B)
	}
	pairs := func(from, to int) ([]any, []float64, error) {
		b, err := f.builder.Pairs(first[from:to], second[from:to], target[from:to])
		if err != nil {
			return nil, nil, err
		}
		return batch.Values(b.Fields(b.Packed())), []float64{float64(to - from)}, nil
	}
	e := example{ids: ids, videos: 2 * n}
	var err error
	if k := f.Recipe.Finetune.Accumulate; k > 1 {
		e.micro, err = microBatches(n, k, pairs)
	} else {
		e.tensors, _, err = pairs(0, n)
	}
	return e, err
}

func (f *finetunePairs) read(id int64, v *corpus.Video) error {
	place, _ := f.videos.Find(id) // all ids were looked up at the start
	return f.videos.Read(place, v)
}

// validate scores the present weights on the pairs held out, and keeps them if they are the best so far.
func (f *finetunePairs) validate(ctx context.Context, l *loop, step int) ([]Loss, error) {
	now, err := f.score(ctx, l, step)
	if errors.Is(err, errCosines) && step < l.steps { // training may still mend it
		f.Warn(fmt.Sprintf("finetune: step %d: %v", step, err))
		return []Loss{{"val_mse", now.MSE}}, nil
	}
	if err != nil {
		return nil, err
	}
	f.last = &now
	if f.Recipe.Finetune.Select == recipe.SelectBest && (l.state.Best == nil || f.better(now, *l.state.Best)) {
		if err := l.keepBest(now); err != nil {
			return nil, err
		}
	}
	return []Loss{{"val_spearman", now.Spearman}, {"val_mse", now.MSE}}, nil
}

// better tells whether a is a better state than b by what the recipe trains on: a loss of correlations leaves open what the cosines are.
func (f *finetunePairs) better(a, b scored) bool {
	if f.Recipe.Finetune.Loss == recipe.SoftmaxPearson {
		return a.Spearman > b.Spearman
	}
	return a.MSE < b.MSE
}

// score embeds every video of the validation pairs once and compares cosines with the labels: E11 and E6. The targets are those
// of training, ranked over all pairs (or raw), so val_mse is the loss of mse on unseen pairs.
func (f *finetunePairs) score(ctx context.Context, l *loop, step int) (scored, error) {
	seen := map[int64]bool{}
	var places []int
	for _, p := range f.split.Val {
		for _, id := range []int64{p.A, p.B} {
			if !seen[id] {
				place, _ := f.videos.Find(id)
				seen[id], places = true, append(places, place)
			}
		}
	}
	set := &embeddings.Set{Dim: f.embedder.Dim()}
	for _, place := range places {
		set.IDs = append(set.IDs, f.videos.ID(place))
	}
	var err error
	set.Data, err = f.embedder.All(ctx, f.videos, places, func(done int) {
		p := l.progress(Validating, step)
		p.Done, p.Total, p.Unit = done, len(places), Videos
		f.Report(p)
	})
	if err != nil {
		return scored{}, err
	}
	cosines, err := evaluate.Cosines(set, f.split.Val)
	if err != nil {
		return scored{}, err
	}
	mse := 0.0
	for i, p := range f.split.Val {
		d := cosines[i] - f.target[p.Score]
		mse += d * d / float64(len(cosines))
	}
	rho, err := rank.Spearman(cosines, scores(f.split.Val))
	if err != nil {
		return scored{Step: step, MSE: mse}, fmt.Errorf("%w: %w", errCosines, err)
	}
	return scored{Step: step, Spearman: rho, MSE: mse}, nil
}

// errCosines is a validation without a Spearman: the labels were checked at the start, so it is the cosines.
var errCosines = errors.New("cosines of the held-out pairs")

// choose puts the weights that the recipe selects into the store and returns their validation.
func (f *finetunePairs) choose(ctx context.Context, l *loop) (scored, error) {
	if f.last == nil { // no step trained, or none in this process
		now, err := f.score(ctx, l, l.steps)
		if err != nil {
			return scored{}, fmt.Errorf("finetune: %w", err)
		}
		f.last = &now
	}
	best := l.state.Best
	if best == nil || best.Step == f.last.Step {
		return *f.last, nil
	}
	return *best, l.takeBest()
}
