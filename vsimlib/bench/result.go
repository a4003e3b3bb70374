// SPDX-License-Identifier: Apache-2.0

package bench

import "vsim/vsimlib/recipe"

// Result is what was measured. Times are those of whole steps, including the part of a batch's upload that does not overlap with
// the step before; videos per second and what follows from them belong to the best step.
type Result struct {
	StepS            float64 `json:"step_s"`          // best; on one GPU the mean of the best five in a row
	StepMedianS      float64 `json:"step_median_s"`   // of all rounds' steps
	CPUS             float64 `json:"cpu_s,omitempty"` // processor seconds of a step, on the host
	VideosPerS       float64 `json:"videos_per_s"`
	VideosPerSMedian float64 `json:"videos_per_s_median"`
	TFLOPS           float64 `json:"tflops"`      // model FLOPs of the padded batch per second, in 10¹²
	TFLOPSReal       float64 `json:"tflops_real"` // of its real tokens, frames and masked positions alone
	FLOPs            float64 `json:"flops_per_step"`
	FLOPsReal        float64 `json:"flops_per_step_real"` // the timed batches' mean
	MFU              float64 `json:"mfu,omitempty"`       // tflops / peak_tflops
	PeakTFLOPS       float64 `json:"peak_tflops,omitempty"`
	PeakSource       string  `json:"peak_source,omitempty"`
	CompileS         float64 `json:"compile_s"` // the first step minus the best one
	MemoryPeak       int64   `json:"memory_peak_bytes,omitempty"`
	MemorySource     string  `json:"memory_source,omitempty"`
	MemoryEstimate   int64   `json:"memory_estimate_bytes"`           // of the step alone, by package memplan
	MemoryCompiler   int64   `json:"memory_compiler_bytes,omitempty"` // the same, by the compiler's own plan; XLA only

	Machine
	Steps   int    `json:"steps"` // timed, in all rounds
	Lengths string `json:"lengths"`
	Shape   Shape  `json:"shape"`

	*Comparison
}

// Machine is what a step is computed on, and the videos of its batch.
type Machine struct {
	Device  string `json:"device"`
	Backend string `json:"backend"`
	TF32    string `json:"tf32,omitempty"` // on or off; cuda only
	Devices int    `json:"devices"`
	Batch   int    `json:"batch"`
}

// Shape is the part of the recipe that determines the cost of a step.
type Shape struct {
	Layers       int    `json:"num_hidden_layers"`
	Hidden       int    `json:"hidden_size"`
	Sequence     int    `json:"sequence"`
	Vocab        int    `json:"vocab_size"`
	FrameDim     int    `json:"frame_dim"`
	Tags         int    `json:"num_tags"`
	ComputeDType string `json:"compute_dtype"`
	Checkpointed bool   `json:"gradient_checkpointing"`
	Packed       bool   `json:"packed"` // several videos in a row, without padding
	Accumulate   int    `json:"accumulate"`
}

// shapeOf is the shape of a resolved recipe.
func shapeOf(r recipe.Recipe) Shape {
	c := r.Model
	s := Shape{c.NumHiddenLayers, c.HiddenSize, c.Sequence(), c.VocabSize, c.FrameDim, c.NumTags, c.ComputeDType,
		c.GradientCheckpointing, c.Packs(), max(1, r.Pretrain.Accumulate)}
	if s.ComputeDType == "" {
		s.ComputeDType = recipe.Float32
	}
	return s
}
