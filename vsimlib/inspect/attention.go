// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/results"
)

// Attend runs a model directory on one video and keeps its attention, without dropout.
func Attend(backend compute.Backend, dir string, video corpus.Video) (results.Attention, error) {
	if err := memplan.CheckLoad(dir); err != nil {
		return results.Attention{}, err
	}
	c, store, err := multimodal.Load(dir)
	if err != nil {
		return results.Attention{}, err
	}
	tokens, err := multimodal.LoadVocab(dir, c)
	if err != nil {
		return results.Attention{}, err
	}
	c = unpacked(c)
	builder, err := batch.NewBuilder(batch.ConfigOf(c), tokens, nil)
	if err != nil {
		return results.Attention{}, err
	}
	in, err := builder.Inputs([]corpus.Video{video})
	if err != nil {
		return results.Attention{}, err
	}
	positions, err := positionsOf(in, c, tokens)
	if err != nil {
		return results.Attention{}, err
	}
	exec, err := model.NewExec(backend, store, func(s *model.Scope, in []*Node) []*Node {
		net := bert.New(s.Store(), in[0].Graph(), c, nil)
		var heads []*Node
		net.Watch = func(name string, x *Node) {
			if strings.HasSuffix(name, ".attention.self.probs") {
				heads = append(heads, Squeeze(ReduceMean(x, 1), 0)) // [S,S]
			}
		}
		// The Go backend fails on weights that no output depends on, so the last layer is an output too.
		return append(heads, multimodal.Model{Net: net}.Encode(multimodal.NewInputs(c, in)).Hidden)
	})
	if err != nil {
		return results.Attention{}, fmt.Errorf("inspect: attention: %w", err)
	}
	defer exec.Finalize()
	out, err := exec.Call(batch.Values(in.Fields(in.Packed()))...)
	if err != nil {
		return results.Attention{}, fmt.Errorf("inspect: attention: %w", err)
	}
	return attention(video.Title, positions, out[:len(out)-1])
}

// attention selects the positions that are no padding of [S,S] arrays, one a layer.
func attention(title string, positions []results.Position, layers []*tensors.Tensor) (results.Attention, error) {
	a := results.Attention{Title: title}
	var real []results.Position
	for _, p := range positions {
		if p.Mask == 1 {
			real, a.Labels = append(real, p), append(a.Labels, p.Holds)
		}
	}
	for i, layer := range layers {
		flat, err := tensors.CopyFlatData[float32](layer)
		if err != nil {
			return a, fmt.Errorf("inspect: attention: %w", err)
		}
		rows := make([][]float64, len(real))
		for from, p := range real {
			for _, to := range real {
				rows[from] = append(rows[from], float64(flat[p.Index*len(positions)+to.Index]))
			}
		}
		a.Layers = append(a.Layers, rows)
		a.Blocks = append(a.Blocks, blockOf(i+1, real, rows))
	}
	return a, nil
}

func blockOf(layer int, real []results.Position, rows [][]float64) results.Block {
	b := results.Block{Layer: layer}
	titles := 0.0
	for _, p := range real {
		if p.Token != "" {
			titles++
		}
	}
	frames := float64(len(real)) - titles
	for from, p := range real {
		for to, q := range real {
			switch w := rows[from][to]; {
			case p.Token != "" && q.Token != "":
				b.TitleToTitle += w / titles
			case p.Token != "":
				b.TitleToFrame += w / titles
			case q.Token != "":
				b.FrameToTitle += w / frames
			default:
				b.FrameToFrame += w / frames
			}
		}
	}
	b.TitleEven = titles / float64(len(real))
	b.AllToFrames = b.TitleEven*b.TitleToFrame + (1-b.TitleEven)*b.FrameToFrame
	return b
}
