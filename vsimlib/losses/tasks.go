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
	FrameCosine   float64 // temperature of MFM's cosines; 0: plain dot products
	Own           Task    // the same
	OwnTask       string  // the function of Own (package own)
}

// simcseTemperature is the temperature of SimCSE where the recipe does not set one; its authors' value.
const simcseTemperature = 0.05

// TasksOf returns the tasks of a recipe: those with a weight other than 0 are on.
func TasksOf(p recipe.Pretrain) Tasks {
	task := func(weight float64) Task { return Task{weight != 0, weight} }
	t := Tasks{MLM: task(p.WeightMLM), MFM: task(p.WeightMFM), SimCSE: task(p.WeightSimCSE),
		Temperature: cmp.Or(p.SimCSETemperature, simcseTemperature), FrameCosine: p.MFMTemperature, Own: task(p.WeightOwn),
		OwnTask: p.OwnTask}
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
	if t.Own.On {
		names = append(names, "loss_own")
	}
	return names
}

// all are the tasks in the order of the parts: tag, mlm, mfm and, where they are on, simcse and own.
func (t Tasks) all() []Task {
	list := []Task{t.Tag, t.MLM, t.MFM}
	for _, task := range []Task{t.SimCSE, t.Own} {
		if task.On {
			list = append(list, task)
		}
	}
	return list
}

// Embeds reports whether a task reads the embeddings, and so the whole last layer: SimCSE or the user's own.
func (t Tasks) Embeds() bool { return t.SimCSE.On || t.Own.On }

// Weights are the weights of the parts in the sum.
func (t Tasks) Weights() []float32 {
	var weights []float32
	for _, task := range t.all() {
		weights = append(weights, float32(task.Weight))
	}
	return weights
}

// Sum is the loss (E4) of its parts. weights [parts] are an input of the program, so that recipes that differ in them alone have
// the same program; which tasks are on is part of it.
func (t Tasks) Sum(parts []*Node, weights *Node) *Node {
	scalars := make([]*Node, len(parts))
	for i, task := range t.all() {
		if task.On {
			scalars[i] = Squeeze(Slice(weights, AxisElem(i)))
		}
	}
	return Sum(parts, scalars)
}
