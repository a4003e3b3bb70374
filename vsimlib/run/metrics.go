// SPDX-License-Identifier: Apache-2.0

package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
)

// Metrics appends lines to a metrics.jsonl file. It is not safe for concurrent use.
type Metrics struct {
	path string
	f    *os.File
	size int64 // bytes of whole lines in the file

	sum     hash.Hash // of the lines that a state saved now is continued from
	pending []byte    // evaluations of the newest step, which are made again then
}

// OpenMetrics opens the file at path for appending and makes it if it is missing. What was logged after the state that
// the run continues from goes first: training lines (with "loss") of a "step" above throughStep, evaluation lines of throughStep
// and above, and a torn last line. The cut file replaces the old one atomically.
func OpenMetrics(path string, throughStep int) (*Metrics, error) {
	return openMetrics(path, throughStep, nil, "")
}

// ResumeMetrics is OpenMetrics for a run that continues from the state after step: the training lines of the steps up to it must be
// there, for its result is a mean over them, with the Sum that the file had when the state was saved ("": not known). The error
// says which lines are gone.
func ResumeMetrics(path string, step int, sum string) (*Metrics, error) {
	return openMetrics(path, step, func(data []byte) error {
		gone, err := goneSteps(path, data, step)
		if err == nil && gone != "" {
			err = fmt.Errorf("%s: the lines of %s are gone, and the run continues from step %d; restore the file, or train again "+
				"with --force", path, gone, step)
		}
		return err
	}, sum)
}

// goneSteps names the steps up to last that have no training line, "" where all have.
func goneSteps(path string, data []byte, last int) (string, error) {
	there := make(map[int]bool, last)
	err := eachLine(path, data, func(_ []byte, fields map[string]any) error {
		if _, trained := fields["loss"]; trained {
			there[int(stepOf(fields))] = true
		}
		return nil
	})
	var ranges []string
	for from := 1; from <= last; from++ {
		if there[from] {
			continue
		}
		to := from
		for to < last && !there[to+1] {
			to++
		}
		if from == to {
			ranges = append(ranges, fmt.Sprintf("step %d", from))
		} else {
			ranges = append(ranges, fmt.Sprintf("steps %d to %d", from, to))
		}
		from = to
	}
	const most = 3
	if more := len(ranges) - most; more > 0 {
		ranges = append(ranges[:most], "others")
	}
	return strings.Join(ranges, ", "), err
}

// openMetrics opens the file where check (may be nil) accepts its bytes, and sum ("": any) is that of the lines that stay.
func openMetrics(path string, throughStep int, check func(data []byte) error, sum string) (*Metrics, error) {
	data, err := filetype.ReadFile(path)
	missing := errors.Is(err, os.ErrNotExist)
	if err != nil && !missing {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	if check != nil {
		if err := check(data); err != nil {
			return nil, err
		}
	}
	rest, err := cut(path, data, throughStep)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(rest)
	if sum != "" && sum != hex.EncodeToString(h.Sum(nil)) {
		return nil, fmt.Errorf("%s: a line was altered since the checkpoint of step %d; restore the file, or train again with --force",
			path, throughStep)
	}
	if !bytes.Equal(rest, data) {
		if err := atomicfile.WriteData(path, rest); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err == nil && missing { // else a checkpoint could outlive the lines up to its step
		if err = atomicfile.SyncDir(filepath.Dir(path)); err != nil {
			f.Close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	return &Metrics{path: path, f: f, size: int64(len(rest)), sum: h}, nil
}

// cut returns the lines of data that were logged before the state after throughStep steps was saved. A validation of that very
// state comes after its checkpoint (see package trainer), so its line goes too: it will be made again.
func cut(path string, data []byte, throughStep int) ([]byte, error) {
	var rest []byte
	err := eachLine(path, data, func(line []byte, fields map[string]any) error {
		last := throughStep
		if _, trained := fields["loss"]; !trained {
			last--
		}
		if stepOf(fields) <= float64(last) {
			rest = append(append(rest, line...), '\n')
		}
		return nil
	})
	return rest, err
}

// eachLine calls do with every line of a metrics file and its fields. A last line that is no JSON object is torn and
// left out; one earlier in the file is an error, for then something else than a kill has damaged the file.
func eachLine(path string, data []byte, do func(line []byte, fields map[string]any) error) error {
	for n := 1; len(data) > 0; n++ {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		var fields map[string]any
		// A proper prefix of an object lacks its last brace and never parses, so a line that parses is whole even
		// where its newline is missing.
		if err := json.Unmarshal(line, &fields); err != nil || fields == nil {
			if len(data) == 0 {
				return nil
			}
			return fmt.Errorf("%s:%d: not a JSON object; repair or remove the line", path, n)
		}
		if _, ok := fields["step"].(float64); !ok {
			return fmt.Errorf(`%s:%d: no number "step"; repair or remove the line`, path, n)
		}
		if err := do(line, fields); err != nil {
			return err
		}
	}
	return nil
}

func stepOf(fields map[string]any) float64 { return fields["step"].(float64) }

// Append writes line as one JSON object with a single write, so that a killed process leaves at most one torn line. It
// must hold a "step". If the write fails, what it left is cut away, and a later Append starts on a new line.
func (m *Metrics) Append(line any) error {
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("%s: line not written: %w", m.path, err)
	}
	if len(data) < 2 || data[0] != '{' {
		return fmt.Errorf("%s: line not written: a %T is not a JSON object", m.path, line)
	}
	data = append(data, '\n')
	n, err := m.f.Write(data)
	if err != nil {
		if n > 0 {
			_ = m.f.Truncate(m.size) // the next OpenMetrics cuts the torn line where this fails
		}
		return fmt.Errorf("%s: line not written: %w", m.path, atomicfile.Cause(err))
	}
	m.size += int64(n)
	var fields struct {
		Loss *json.RawMessage `json:"loss"`
	}
	m.pending = append(m.pending, data...)
	if _ = json.Unmarshal(data, &fields); fields.Loss != nil {
		m.sum.Write(m.pending)
		m.pending = m.pending[:0]
	}
	return nil
}

// Sum is the sha256 of the lines that ResumeMetrics leaves of the file where the state of the newest step is continued.
func (m *Metrics) Sum() string { return hex.EncodeToString(m.sum.Sum(nil)) }

// Sync returns once all lines are on the disk. Called before a checkpoint is saved, no line up to its step can be missing.
func (m *Metrics) Sync() error {
	if err := atomicfile.Sync(m.f); err != nil {
		return fmt.Errorf("%s: %w", m.path, atomicfile.Cause(err))
	}
	return nil
}

// Close closes the file.
func (m *Metrics) Close() error {
	if err := m.f.Close(); err != nil {
		return fmt.Errorf("%s: %w", m.path, atomicfile.Cause(err))
	}
	return nil
}

// ReadMetrics returns the fields of every line of a metrics file, in order and without a torn last line. It may be called
// while a run appends to the file.
func ReadMetrics(path string) ([]map[string]any, error) {
	data, err := filetype.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	var lines []map[string]any
	err = eachLine(path, data, func(_ []byte, fields map[string]any) error {
		lines = append(lines, fields)
		return nil
	})
	return lines, err
}
