// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"
	"time"

	"vsim/vsimlib/text"
)

// Stage is what a run is doing at the moment.
type Stage string

// The stages of a run. Pretraining and Finetuning are also the names of the recipe's sections.
const (
	Indexing    Stage = "index"     // reading the records for the first time
	Compiling   Stage = "compile"   // making the program of the training step
	Pretraining Stage = "pretrain"  // training steps of Pretrain
	Finetuning  Stage = "finetune"  // training steps of Finetune
	Validating  Stage = "validate"  // computing the validation of a step
	Validated   Stage = "validated" // Losses are what a validation found
	Saving      Stage = "save"      // writing a checkpoint, or waiting for the one before
	Planned     Stage = "planned"   // the step is compiled: Done is the memory that was estimated for it, Total the compiler's plan
	Freed       Stage = "freed"     // checkpoints of a finished run have been removed
)

// Unit is what the work inside a stage is counted in.
type Unit string

// Units of Progress.Done and Progress.Total.
const (
	MiB    Unit = "MiB"    // of records, while indexing
	Videos Unit = "videos" // embedded, while validating
	Bytes  Unit = "bytes"  // of checkpoints that were removed, and of all before; of memory
)

// Loss is one named value of a step or validation: loss, loss_tag, val_spearman …
type Loss struct {
	Name  string
	Value float64
}

// Progress is how far a run is.
type Progress struct {
	Stage       Stage
	Step, Steps int     // training steps finished, and all of them
	Epoch       float64 // passes over the data so far
	Epochs      int
	Losses      []Loss  // of the last step, or where the stage is Validated of the validation
	LR          float64 // the encoder's learning rate
	VideosPerS  float64 // of the last steps
	Remaining   time.Duration
	Done, Total int // of the stage's own work, in Unit; both 0 where it is not counted
	Unit        Unit
}

// Work says in words what the run is doing; of a training step it is the stage's name.
func (p Progress) Work() string {
	switch p.Stage {
	case Indexing:
		return "reading and checking the records"
	case Compiling:
		return "compiling the training step"
	case Validating:
		return fmt.Sprintf("validating at step %d/%d", p.Step, p.Steps)
	case Validated:
		return fmt.Sprintf("validated at step %d/%d", p.Step, p.Steps)
	case Saving:
		return "saving"
	case Planned:
		planned, own := text.Bytes(int64(p.Done)), text.Bytes(int64(p.Total))
		return fmt.Sprintf("memory of a step: planned %s, the compiler's own plan is %s", planned, own)
	case Freed:
		return fmt.Sprintf("freed %s of checkpoints", text.Bytes(int64(p.Done)))
	}
	return string(p.Stage)
}

// Trained reports whether the progress is that of a training step.
func (p Progress) Trained() bool { return p.Stage == Pretraining || p.Stage == Finetuning }

// Line is the progress as a line of text.
func (p Progress) Line() text.Progress {
	line := text.Progress{Work: p.Work(), Done: p.Done, Total: p.Total}
	switch p.Stage {
	case Indexing:
		line.Work += fmt.Sprintf(" (%s)", MiB)
		return line
	case Compiling, Saving:
		line.More = []string{fmt.Sprintf("%d of %d steps done", p.Step, p.Steps)}
		return line
	case Validating:
		return line
	case Planned:
		line.Done, line.Total = 0, 0
		return line
	case Freed:
		line.Total, line.More = 0, []string{"the last has " + text.Bytes(int64(p.Total-p.Done))}
		return line
	}
	if p.Trained() {
		line.Done, line.Total, line.Rate, line.Unit, line.Left = p.Step, p.Steps, p.VideosPerS, string(Videos), p.Remaining
		if p.Epochs > 0 {
			line.More = append(line.More, fmt.Sprintf("epoch %.1f/%d", p.Epoch, p.Epochs))
		}
	}
	for _, l := range p.Losses {
		line.More = append(line.More, fmt.Sprintf("%s %.4g", l.Name, l.Value))
	}
	if p.LR > 0 {
		line.More = append(line.More, fmt.Sprintf("lr %.2g", p.LR))
	}
	return line
}
