// SPDX-License-Identifier: Apache-2.0

package videobert

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
)

// Embedder computes embeddings of videos with a model, without dropout. It reads the store's present weights at each call, so it
// may be used between training steps. It is not safe for concurrent use.
type Embedder struct {
	config  recipe.Model
	builder *batch.Builder
	exec    *model.Exec
	rows    int
}

// NewEmbedder compiles nothing yet; builder must pack if c does; rows is the size of its batches (the last one is filled up and cut).
func NewEmbedder(backend compute.Backend, store *model.Store, c recipe.Model, builder *batch.Builder, rows int) (*Embedder, error) {
	exec, err := model.NewExec(backend, store, func(s *model.Scope, in []*Node) []*Node {
		m := Model{Net: bert.New(s.Store(), in[0].Graph(), c, nil)}
		inputs, _ := TakeInputs(c, in)
		return []*Node{m.Embedding(m.Encode(inputs))}
	})
	if err != nil {
		return nil, fmt.Errorf("videobert: embedding graph: %w", err)
	}
	exec.SetMaxCache(-1) // packed rows have several lengths
	return &Embedder{config: c, builder: builder, exec: exec, rows: rows}, nil
}

// Dim is the width of an embedding.
func (e *Embedder) Dim() int { return e.config.EmbeddingDim }

// Close frees the compiled graph.
func (e *Embedder) Close() { e.exec.Finalize() }

// Batch embeds at most rows videos: row-major [len(videos), Dim], rows of length one.
func (e *Embedder) Batch(videos []corpus.Video) ([]float32, error) {
	full := videos
	if len(videos) < e.rows { // one static shape: fill up with empty rows
		full = append(append(make([]corpus.Video, 0, e.rows), videos...), make([]corpus.Video, e.rows-len(videos))...)
	}
	in, err := e.builder.Inputs(full)
	if err != nil {
		return nil, err
	}
	out, err := e.exec.Call(in.Tensors()...)
	if err != nil {
		return nil, fmt.Errorf("videobert: embedding: %w", err)
	}
	flat, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, fmt.Errorf("videobert: embedding: %w", err)
	}
	for _, t := range append(in.Tensors(), out[0]) { // Go's collector does not see a device's memory
		if err := t.(*tensors.Tensor).FinalizeAll(); err != nil {
			return nil, fmt.Errorf("videobert: embedding: %w", err)
		}
	}
	return flat[:len(videos)*e.Dim()], nil
}

// Places embeds the videos at places of set, at most as many as a batch has: [len(places), Dim].
func (e *Embedder) Places(set *corpus.Set, places []int) ([]float32, error) {
	videos := make([]corpus.Video, len(places))
	for i, place := range places {
		v, err := set.Video(place)
		if err != nil {
			return nil, err
		}
		videos[i] = v
	}
	return e.Batch(videos)
}

// All embeds the videos at places of set, in that order: [len(places), Dim]. done is told how many are finished.
func (e *Embedder) All(ctx context.Context, set *corpus.Set, places []int, done func(int)) ([]float32, error) {
	out := make([]float32, 0, len(places)*e.Dim())
	for start := 0; start < len(places); start += e.rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(start+e.rows, len(places))
		rows, err := e.Places(set, places[start:end])
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		done(end)
	}
	return out, nil
}
