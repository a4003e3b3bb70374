// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
)

// ErrWeights is the error of a step for which a weight or moment is not finite already: its state is of no use.
var ErrWeights = fmt.Errorf("%w before the step", ErrNotFinite)

// Check is the error of the step of a batch if its outcome is not finite: all losses, the first tensor that is not finite, and the
// ids of the videos or pairs. To find the tensor, weights and moments are copied to the host; if they are finite, the gradients
// are computed once more by a program of their own. Steps that are made pay nothing for that.
func (s *Step) Check(made Outcome, b Batch) error {
	if made.Finite() {
		return nil
	}
	var parts []string
	loss := true
	for i, name := range s.Losses() {
		parts = append(parts, fmt.Sprintf("%s %g", name, made.Losses[i]))
		loss = loss && finite(made.Losses[i])
	}
	losses, ids := strings.Join(parts, ", "), strings.Join(b.IDs, " ")
	worst, largest, err := survey(s.config.Store)
	if err == nil && worst != "" {
		return fmt.Errorf("%s is %w (%s); train from an earlier checkpoint or afresh, with lower learning rates; batch: %s", worst,
			ErrWeights, losses, ids)
	}
	what := "gradient"
	if !loss {
		what = "loss"
	}
	hint := largest
	if gradient, err := s.culprit(b); err == nil && gradient != "" {
		hint = gradient + "; " + hint
	}
	return fmt.Errorf("%s is %w (%s); %s; the weights are as before this step; batch: %s", what, ErrNotFinite, losses, hint, ids)
}

// survey returns the first weight or moment that is not finite, "" if all are, and in words the largest weight.
func survey(store *model.Store) (worst, largest string, err error) {
	most, where := float32(-1), ""
	for v := range store.IterVariables() {
		if !v.HasValue() && v.ShardingSpec() == nil || v.DType().String() != "Float32" {
			continue
		}
		value, err := checkpoint.Value(v)
		if err != nil {
			return "", "", err
		}
		flat, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return "", "", err
		}
		for i, x := range flat {
			if !finite(x) {
				return fmt.Sprintf("element %d of %s, %g,", i, nameOf(v), x), "", nil
			}
			if v.Scope() == model.ScopeSeparator && float32(math.Abs(float64(x))) > most {
				most, where = float32(math.Abs(float64(x))), v.Name()
			}
		}
	}
	return "", fmt.Sprintf("the largest weight is %.3g, in %s", most, where), nil
}

// nameOf is a weight's name; of a moment it says which.
func nameOf(v *model.Variable) string {
	switch v.Scope() {
	case optim.FirstMoments:
		return "the first moment of " + v.Name()
	case optim.SecondMoments:
		return "the second moment of " + v.Name()
	case optim.Averages:
		return "the average of " + v.Name()
	}
	return v.Name()
}

// culprit computes the gradients of a step again and names the first one that is not finite, on the way back from the loss; "" if
// all are.
func (s *Step) culprit(b Batch) (string, error) {
	var names []string
	p := programs{model: s.config.Model, objective: s.config.Objective, optim: s.config.Optim}
	exec, err := s.exec(func(store *model.Store, in []*Node) []*Node {
		out, used := p.sizes(store, in, s.config.Accumulate)
		names = used
		return out
	}, p.batch())
	if err != nil {
		return "", err
	}
	defer exec.Finalize()
	for i, arrays := range b.parts {
		x := s.config.params(b.n, i)
		more := arraysOf(x.beside(true)) // without rates: it makes no update
		if err := s.config.Devices.put(more); err != nil {
			return "", err
		}
		out, err := s.run(exec, arrays, more)
		if err != nil {
			return "", err
		}
		squares, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return "", err
		}
		largest, err := tensors.CopyFlatData[float32](out[1])
		if err != nil {
			return "", err
		}
		if err := free(more); err != nil {
			return "", err
		}
		if text := firstBad(names, squares, largest); text != "" {
			return text, nil
		}
	}
	return "", nil
}

// sizes is a step without its update: it returns the sums of squares and the largest values of the gradients, and the names of
// their weights.
func (p programs) sizes(store *model.Store, in []*Node, accumulate bool) (out []*Node, names []string) {
	x, rest := params[*Node]{weighted: p.weighted()}, in[len(p.batch()):]
	fields := x.micro()
	if !accumulate {
		fields = fields[1:]
	}
	batch.Fill(fields, rest)
	m := multimodal.Model{Net: bert.New(store, rest[0].Graph(), p.model, x.random)}
	var list []*Node
	if accumulate {
		list = p.shared(m, in, x)
	} else {
		list = Losses(p.objective, m, in, x.weights)
	}
	names, squares, largest := optim.Sizes(store, multimodal.Names(p.model), list[0])
	return []*Node{squares, largest}, names
}

// firstBad names the first weight, on the way back from the loss, of which the gradient's squares have no finite sum.
func firstBad(names []string, squares, largest []float32) string {
	order, bad := make([]int, len(names)), 0
	for i := range order {
		order[i] = i
		if !finite(squares[i]) {
			bad++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(depth(names[b]), depth(names[a])) })
	for _, i := range order {
		if finite(squares[i]) {
			continue
		}
		of := fmt.Sprintf("the first of %d of %d gradients", bad, len(names))
		if finite(largest[i]) && largest[i] > 0 {
			return fmt.Sprintf("%s whose squares overflow is that of %s, up to %.3g", of, names[i], largest[i])
		}
		return fmt.Sprintf("%s that are not finite is that of %s", of, names[i])
	}
	return ""
}

// layerOrder are the parts of a layer of the encoder in the order in which they are computed.
var layerOrder = []string{"attention.self", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
	"output.dense", "output.LayerNorm"}

// depth orders weights by where they are computed: embeddings, the layers of the encoder, heads.
func depth(name string) []int {
	const layers = "bert.encoder.layer."
	if rest, ok := strings.CutPrefix(name, layers); ok {
		number, part, _ := strings.Cut(rest, ".")
		n, _ := strconv.Atoi(number)
		return []int{1, n, slices.IndexFunc(layerOrder, func(p string) bool { return strings.HasPrefix(part, p) })}
	}
	if strings.HasPrefix(name, "bert.") || strings.HasPrefix(name, "video_") {
		return []int{0}
	}
	return []int{2}
}
