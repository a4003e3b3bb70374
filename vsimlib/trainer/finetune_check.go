// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"errors"
	"fmt"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/multimodal"
)

// finetuneCheck validates finetuning on the pairs that are held out.
type finetuneCheck struct {
	pairs    *finetunePairs
	shared   *confidence.Pairs // the pairs that are held out, for the error of their score
	embedder *multimodal.Embedder
}

// newFinetuneCheck prepares the embedder.
func newFinetuneCheck(s *source, f *finetunePairs) (*finetuneCheck, error) {
	rows := min(2*s.recipe.Finetune.Batch, f.split.ValVideos)
	embedder, err := multimodal.NewEmbedder(s.devices.Backend(), s.store, s.model(), f.builder, rows)
	return &finetuneCheck{f, confidence.NewPairs(schema.Ends(f.split.Val)), embedder}, err
}

// errCosines is the error of a validation without a Spearman: the labels were checked at the start, so it is the cosines.
var errCosines = errors.New("cosines of the held-out pairs")

// score embeds every video of the validation pairs once and compares cosines with the labels: E11 and E6. The targets are those
// of training, ranked over all pairs (or raw), so the MSE is the loss of mse on unseen pairs. Where the error is errCosines, the
// MSE is valid.
func (c *finetuneCheck) score(ctx context.Context, done int, report func(videos, total int)) (scored, error) {
	f, indices := c.pairs, c.pairs.validation()
	set := &embeddings.Set{Dim: c.embedder.Dim()}
	for _, index := range indices {
		set.IDs = append(set.IDs, f.videos.ID(index))
	}
	var err error
	set.Data, err = c.embedder.All(ctx, f.videos, indices, func(videos int) { report(videos, len(indices)) })
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
	rho, standardError, err := confidence.Spearman(cosines, schema.Scores(f.split.Val), c.shared)
	if err != nil {
		return scored{Step: done, MSE: mse}, fmt.Errorf("%w: %w", errCosines, err)
	}
	return scored{Step: done, Spearman: rho, Error: standardError, MSE: mse}, nil
}
