// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"fmt"
	"path/filepath"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// Check returns an error for a step of which even the least exceeds the available memory, and a warning where the estimate does.
// Where the available memory is unknown, there is neither. Where ulimit -v limits it, what would be a warning is an error. A batch
// that exceeds the examples is a warning of its own.
func (p Plan) Check() (warnings []string, err error) {
	if text := oneStep(p); text != "" {
		warnings = append(warnings, text)
	}
	b := p.budget(p.Recipe)
	switch hard := b.source == backends.AddressSpace; {
	case !b.exceeded(b.total):
		return warnings, nil
	case hard || b.exceeded(b.least):
		return warnings, fmt.Errorf("%s: out of memory: %s; %s", p.Stage, p.describe(b), p.advice(b))
	}
	return append(warnings, fmt.Sprintf("%s: memory may not suffice: %s; %s", p.Stage, p.describe(b), p.advice(b))), nil
}

// CheckWeights returns an error for a model of which the weights alone, which are drawn or read on the host, exceed its memory. The
// largest of them is there three times: as it was read or drawn, as numbers and in its tensor. Where ulimit -v limits the memory,
// the copy that the device or the model's file gets counts too.
func CheckWeights(c recipe.Model) error {
	available, source := backends.AvailableMemory(backends.Go)
	all, largest := weightsOf(c, func(string) bool { return true })
	need := times(4, all+2*largest)
	if source == backends.AddressSpace {
		need += times(4, all)
	}
	if available > 0 && need > available {
		return fmt.Errorf("out of memory: the model's weights take %s, and %s are available (%s); a smaller model helps: "+
			"fewer layers, a smaller hidden_size, intermediate_size or vocab_size", size(need), size(available), source)
	}
	return nil
}

// CheckLoad is CheckWeights for the model in a directory, before it is loaded. What is wrong with the directory, loading it finds.
func CheckLoad(dir string) error {
	c, err := recipe.ReadModelConfig(filepath.Join(dir, run.ConfigFile))
	if err != nil {
		return nil
	}
	if err := CheckWeights(c); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

// Explain adds to the error of a backend that is out of memory what was planned and what needs less. It returns other errors as
// they are.
func (p Plan) Explain(err error) error {
	if err == nil {
		return nil
	}
	said := outOfMemory(err)
	if said == "" {
		return err
	}
	b := p.budget(p.Recipe)
	planned := p.describe(b)
	// The backend knows better than the estimate that this does not fit: what is advised has to need less than this.
	if b.available <= 0 || !b.exceeded(b.total) {
		b.available = b.total - b.held - 1
	}
	return fmt.Errorf("out of memory: %s; %s; the backend says: %s", planned, p.advice(b), said)
}
