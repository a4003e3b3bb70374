// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"cmp"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/recipe"
)

// Task is one loss of pretraining: a task that is off is not part of the graph, so its head is neither trained nor decayed.
type Task struct {
	On     bool
	Weight float64 // in the sum
}

// Tasks are the losses of pretraining.
type Tasks struct {
	Tag, MLM, MFM Task
	SimCSE        Task // off, it is not even named
	Temperature   float64
}

// simcseTemperature is the temperature of SimCSE where the recipe does not set one; its authors' value.
const simcseTemperature = 0.05

// TasksOf returns the tasks of a recipe: those with a weight other than 0 are on.
func TasksOf(p recipe.Pretrain) Tasks {
	task := func(weight float64) Task { return Task{weight != 0, weight} }
	t := Tasks{MLM: task(p.WeightMLM), MFM: task(p.WeightMFM), SimCSE: task(p.WeightSimCSE),
		Temperature: cmp.Or(p.SimCSETemperature, simcseTemperature)}
	if p.WeightTag != nil {
		t.Tag = task(*p.WeightTag)
	}
	return t
}

// Names are the names of the sum and of its parts, in the order of Sum.
func (t Tasks) Names() []string {
	names := []string{"loss", "loss_tag", "loss_mlm", "loss_mfm"}
	if t.SimCSE.On {
		names = append(names, "loss_simcse")
	}
	return names
}

// Sum is the loss (E4) of its parts: tag, mlm, mfm and, where it is on, simcse.
func (t Tasks) Sum(parts []*Node) *Node {
	return Sum(parts, []float64{t.Tag.Weight, t.MLM.Weight, t.MFM.Weight, t.SimCSE.Weight}[:len(parts)])
}
