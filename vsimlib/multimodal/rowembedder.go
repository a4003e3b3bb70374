// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
)

// RowEmbedder computes embeddings in batches of videos of about the same length, each in a row of its own. What the embedding of
// a video is, to the last bit, depends on the video, the model and the size of a batch alone: a program is chosen by the length of
// the video's row, and no value of a row meets one of another row. It is safe for concurrent use.
//
// A model of which the pooling includes the padding has rows of one length.
type RowEmbedder struct {
	config  recipe.Model
	builder *batch.Builder
	exec    *model.Exec
	rows    int
}

// NewRowEmbedder compiles nothing yet; rows is the size of a batch, to which each is filled up. Under bfloat16 it rounds the
// weights of linear layers in store.
func NewRowEmbedder(backend compute.Backend, store *model.Store, c recipe.Model, builder *batch.Builder, rows int) (*RowEmbedder,
	error) {
	if err := roundWeights(store, c); err != nil {
		return nil, err
	}
	exec, err := model.NewExec(backend, store, func(s *model.Scope, in []*Node) []*Node {
		m := Model{Net: bert.New(s.Store(), in[0].Graph(), c, nil)}
		if !c.Packs() {
			return []*Node{m.Embedding(m.Encode(NewInputs(c, in)))}
		}
		var x batch.RowArrays[*Node]
		batch.Fill(x.Fields(), in)
		return []*Node{m.Embedding(m.EncodeRows(x))}
	})
	if err != nil {
		return nil, fmt.Errorf("multimodal: embedding graph: %w", err)
	}
	exec.SetMaxCache(-1) // a program for each length
	return &RowEmbedder{config: c, builder: builder, exec: exec, rows: rows}, nil
}

// Config is the model's, with the type in which it computes.
func (e *RowEmbedder) Config() recipe.Model { return e.config }

// Dim is the width of an embedding.
func (e *RowEmbedder) Dim() int { return e.config.EmbeddingDim }

// Close frees the compiled programs.
func (e *RowEmbedder) Close() { e.exec.Finalize() }

// Length is the length of the row in which a video is embedded.
func (e *RowEmbedder) Length(v *corpus.Video) int {
	if !e.config.Packs() {
		return e.config.Sequence()
	}
	return e.builder.RowLength(v)
}

// Embed embeds videos, at most as many as a batch has, in rows of a length that is the Length of each: row-major [N,D].
func (e *RowEmbedder) Embed(videos []corpus.Video, length int) ([]float32, error) {
	arrays, err := e.Arrays(videos, length)
	if err != nil {
		return nil, err
	}
	values, err := computed(e.exec, arrays)
	if err != nil {
		return nil, err
	}
	return values[:len(videos)*e.Dim()], nil
}

// Arrays are those that the program for videos in rows of a length takes, each a *tensors.Tensor.
func (e *RowEmbedder) Arrays(videos []corpus.Video, length int) ([]any, error) {
	all := make([]corpus.Video, e.rows) // one static shape: the last ones stay empty
	copy(all, videos)
	if e.config.Packs() {
		rows, err := e.builder.Rows(all, length)
		return batch.Values(rows.Fields()), err
	}
	in, err := e.builder.Inputs(all)
	return batch.Values(in.Fields(false)), err
}

// computed returns the embeddings of a batch, the memory of which it releases: [B,D].
func computed(exec *model.Exec, arrays []any) ([]float32, error) {
	out, err := exec.Call(arrays...)
	if err != nil {
		return nil, fmt.Errorf("multimodal: embedding: %w", own.Plain(err))
	}
	flat, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, fmt.Errorf("multimodal: embedding: %w", err)
	}
	for _, t := range append(arrays, out[0]) { // Go's collector does not see the memory of a device
		if err := t.(*tensors.Tensor).FinalizeAll(); err != nil {
			return nil, fmt.Errorf("multimodal: embedding: %w", err)
		}
	}
	return flat, nil
}

// EncodeRows returns the last layer where each video has a row of its own: [B,L,H].
func (m Model) EncodeRows(in batch.RowArrays[*Node]) Sequence {
	c, b := m.Config, in.TextIDs.Shape().Dim(0)
	in.TextIDs.AssertDims(b, c.TextLength())
	in.Frames.AssertDims(in.FrameNumber.Shape().Dim(0), c.FrameDim)
	in.Real.AssertDims(in.Source.Shape().Dimensions...)
	text := m.TextEmbeddings("bert.embeddings", in.TextIDs)
	frames := m.Linear("video_fc", ConvertDType(in.Frames, dtypes.Float32))
	video := m.NumberedEmbeddings("video_embeddings", frames, in.FrameNumber)
	all := Concatenate([]*Node{Reshape(text, -1, c.HiddenSize), video}, 0) // [B·T+Q,H]
	x := Gather(all, InsertAxes(in.Source, -1))
	return Sequence{Hidden: m.Encoder(x, in.Real), Mask: in.Real, videos: b, first: true}
}
