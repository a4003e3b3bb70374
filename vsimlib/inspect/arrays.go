// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tokenizer"
)

// arrayOf describes a tensor.
func arrayOf(name string, t *tensors.Tensor, holds string) results.Array {
	s := t.Shape()
	return results.Array{Name: name, Shape: fmt.Sprint(s.Dimensions), Type: s.DType.String(), Bytes: int(s.ByteSize()), Holds: holds}
}

// inputArrays describes what the encoder reads.
func inputArrays(in batch.Inputs) []results.Array {
	list := []results.Array{
		arrayOf("input_ids", in.TextIDs, "B × T: ids of the title's tokens"),
		arrayOf("attention_mask of the text", in.TextMask, "B × T: 1 for a token, 0 for padding"),
	}
	if in.Source == nil {
		return append(list,
			arrayOf("frame_feature", in.Frames, "B × F × frame_dim, as in the file; zeros after the last frame"),
			arrayOf("attention_mask of the frames", in.FrameMask, "B × F: 1 for a frame, 0 for padding"))
	}
	return append(list,
		arrayOf("frame_feature", in.Frames, "Q × frame_dim: all videos' frames in one list, then fillers"),
		arrayOf("attention_mask of the frames", in.FrameMask, "Q: 1 for a frame, 0 for a filler"),
		arrayOf("packing: frame", in.FrameNumber, "Q: which frame of its video it is, for its position"),
		arrayOf("packing: source", in.Source, "C × L: index of the position in the arrays above, tokens before frames"),
		arrayOf("packing: segment", in.Segment, "C × L: the video that the position belongs to, −1 for a filler"),
		arrayOf("packing: slot", in.Slot, "B·T + Q: where each token and frame is in the packed rows"))
}

// ints copies an int32 array to the host, cut into rows of its last axis.
func ints(t *tensors.Tensor) ([][]int32, error) {
	flat, err := tensors.CopyFlatData[int32](t)
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	dims := t.Shape().Dimensions
	width := dims[len(dims)-1]
	var rows [][]int32
	for at := 0; at+width <= len(flat); at += width {
		rows = append(rows, flat[at:at+width])
	}
	return rows, nil
}

// origin is what a position of the sequence is taken from: the text's token, or the frame, of that number.
type origin struct {
	text   bool
	number int
}

// order lists the origins of the S positions in the model's layout.
func order(m recipe.Model) []origin {
	var list []origin
	text, frames := make([]origin, m.TextLength()), make([]origin, m.MaxFrames)
	for i := range text {
		text[i] = origin{true, i}
	}
	for i := range frames {
		frames[i] = origin{false, i}
	}
	if m.Layout == competition.LayoutCLSFirst {
		list = append(append(append(list, text[0]), frames...), text[1:]...)
	} else {
		list = append(append(list, frames...), text...)
	}
	return list
}

// positionsOf lists the sequence of the first row of a batch that is not packed.
func positionsOf(in batch.Inputs, m recipe.Model, tokens *tokenizer.Tokenizer) ([]results.Position, error) {
	ids, err := ints(in.TextIDs)
	if err != nil {
		return nil, err
	}
	textMask, err := ints(in.TextMask)
	if err != nil {
		return nil, err
	}
	frameMask, err := ints(in.FrameMask)
	if err != nil {
		return nil, err
	}
	var list []results.Position
	for i, s := range order(m) {
		p := results.Position{Index: i, PositionID: s.number}
		if s.text {
			id := ids[0][s.number]
			p.Holds, p.Token, p.Mask = tokens.Spelling(id), strconv.Itoa(int(id)), int(textMask[0][s.number])
		} else {
			p.Holds, p.Mask = "frame "+strconv.Itoa(s.number+1), int(frameMask[0][s.number])
			if p.Mask == 0 {
				p.Holds = "no frame"
			}
		}
		list = append(list, p)
	}
	return list, nil
}
