// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
)

// Embedder computes embeddings of videos with a model, without dropout. It reads the weights in the store at each call, so it
// may be used between training steps. It is not safe for concurrent use.
type Embedder struct {
	config  recipe.Model
	builder *batch.Builder
	exec    *model.Exec
	rows    int
}

// NewEmbedder compiles nothing yet. builder must pack if c does; rows is the size of a batch (the last one is filled up and cut).
func NewEmbedder(backend compute.Backend, store *model.Store, c recipe.Model, builder *batch.Builder, rows int) (*Embedder, error) {
	if err := own.CheckModel(c); err != nil {
		return nil, err
	}
	exec, err := model.NewExec(backend, store, func(s *model.Scope, in []*Node) []*Node {
		m := Model{Net: bert.New(s.Store(), in[0].Graph(), c, nil)}
		return []*Node{m.Embedding(m.Encode(NewInputs(c, in)))}
	})
	if err != nil {
		return nil, fmt.Errorf("multimodal: embedding graph: %w", err)
	}
	exec.SetMaxCache(-1) // packed rows have several lengths
	return &Embedder{config: c, builder: builder, exec: exec, rows: rows}, nil
}

// Dim is the width of an embedding.
func (e *Embedder) Dim() int { return e.config.EmbeddingDim }

// Close frees the compiled graph.
func (e *Embedder) Close() { e.exec.Finalize() }

// ahead is how many batches are read while the device works.
const ahead = 2

// All embeds the videos of set with these indices, in that order: [N,D]. It reports to done how many are finished. It ends with the
// first error, and when ctx does.
func (e *Embedder) All(ctx context.Context, set *corpus.Set, indices []int, done func(int)) ([]float32, error) {
	out := make([]float32, 0, len(indices)*e.Dim())
	batches := slices.Collect(slices.Chunk(indices, e.rows))
	read := func(i int) (batch.Inputs, error) { return e.read(set, batches[i]) }
	for in, err := range batch.Prefetch(ctx, 0, len(batches), ahead, read) {
		if err != nil {
			return nil, err
		}
		rows, err := e.Embed(in)
		if err != nil {
			return nil, err
		}
		out = append(out, rows[:min(len(rows), (len(indices)*e.Dim()-len(out)))]...)
		done(len(out) / e.Dim())
	}
	return out, nil
}

// read builds the arrays of the videos of set with these indices.
func (e *Embedder) read(set *corpus.Set, indices []int) (batch.Inputs, error) {
	videos := make([]corpus.Video, e.rows) // one static shape: the last ones stay empty
	for i, index := range indices {
		if err := set.Read(index, &videos[i]); err != nil {
			return batch.Inputs{}, err
		}
	}
	return e.builder.Inputs(videos)
}

// Embed runs the graph on a batch, whose memory it releases: [B,D].
func (e *Embedder) Embed(in batch.Inputs) ([]float32, error) {
	return computed(e.exec, batch.Values(in.Fields(in.Packed())))
}
