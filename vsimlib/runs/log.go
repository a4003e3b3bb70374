// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// ends are the first line of a log and its last ones: enough to say how far a run is, however long the log.
type ends struct {
	first map[string]any
	last  []map[string]any // in their order
}

// reach is how many bytes of each end are read: some hundred lines.
const reach = 64 << 10

// glimpse reads the ends of a log. What cannot be read is left out.
func glimpse(path string) (e ends) {
	f, err := filetype.Open(path)
	if err != nil {
		return e
	}
	defer f.Close()
	e.first = firstLine(f)
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return e
	}
	tail := make([]byte, min(size, reach))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return e
	}
	if size > reach { // the first line is a part of one
		_, tail, _ = bytes.Cut(tail, []byte("\n"))
	}
	for line := range bytes.Lines(tail) {
		var fields map[string]any
		if bytes.HasSuffix(line, []byte("\n")) && json.Unmarshal(line, &fields) == nil {
			e.last = append(e.last, fields)
		}
	}
	return e
}

// firstLine is the first line of a log, nil where there is none.
func firstLine(f *os.File) map[string]any {
	head := make([]byte, reach)
	n, _ := f.ReadAt(head, 0)
	line, _, ok := bytes.Cut(head[:n], []byte("\n"))
	var fields map[string]any
	if !ok || json.Unmarshal(line, &fields) != nil {
		return nil
	}
	return fields
}

// step is the last that was logged.
func (e ends) step() int {
	if len(e.last) == 0 {
		return 0
	}
	return int(run.Number(e.last[len(e.last)-1], "step"))
}

// scores are the values of the last step and of the last validation.
func (e ends) scores() map[string]float64 {
	found := map[string]float64{}
	for _, line := range e.last {
		for name, v := range run.Numbers(line, "") {
			if strings.HasPrefix(name, "loss") || strings.HasPrefix(name, "val_") {
				found[name] = v
			}
		}
	}
	return found
}

// steps computes the steps of the whole training from how many an epoch has, nil where the log does not say it: in pretraining, the
// epochs over pairwise alone have other steps, which are known once these began.
func (e ends) steps(stage string, r recipe.Recipe) *int {
	epochs, further := r.Pretrain.Epochs, r.Pretrain.PairwiseEpochs
	if stage != "pretrain" {
		epochs, further = r.Finetune.Epochs, 0
	}
	per := run.Number(e.first, "step") / run.Number(e.first, "epoch")
	if len(e.last) == 0 || math.IsNaN(per) || math.IsInf(per, 0) {
		return nil
	}
	total := math.Round(per) * float64(epochs)
	if further > 0 {
		last := e.last[len(e.last)-1]
		beyond := run.Number(last, "epoch") - float64(epochs)
		if !(beyond > 0) {
			return nil
		}
		total += math.Round((run.Number(last, "step")-total)/beyond) * float64(further)
	}
	steps := int(total)
	return &steps
}
