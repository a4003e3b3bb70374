// SPDX-License-Identifier: Apache-2.0

// Package tensorboard writes the log of a run as an event file, which TensorBoard and its Python reader open.
//
// An event file is a TFRecord file (package tfrecord) of tensorflow.Event messages: the first has the version, then comes one a
// line of metrics.jsonl, with the line's step and a scalar for each of its other numbers:
//
//	Event         { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 }
//	Summary       { repeated Summary.Value value = 1 }
//	Summary.Value { string tag = 1; float simple_value = 2 }
//
// Source: tensorflow/core/util/event.proto and core/framework/summary.proto.
package tensorboard

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tfrecord"
)

// version is the first event's: it says that the others have the form above.
const version = "brain.Event:2"

// Kind recognises the event files of this package.
var Kind = outdir.FileKind{Name: "event file", Made: func(head []byte) bool {
	return bytes.Contains(head[:min(len(head), 64)], []byte(version))
}}

// Times are when a run began and how long it took; zero where that is not known. Events get times between the two by their steps,
// for a log has none.
type Times struct {
	Start   time.Time
	Seconds float64
}

// at is the time of an event, in seconds since 1970.
func (t Times) at(share float64) float64 {
	if t.Start.IsZero() {
		return share * t.Seconds
	}
	return float64(t.Start.Unix()) + share*t.Seconds
}

// FileName is the name of a run's event file, by which TensorBoard recognises it.
func (t Times) FileName() string {
	return fmt.Sprintf("events.out.tfevents.%010d.vsim", int64(t.at(0)))
}

// Export is an event file.
type Export struct {
	Data  []byte
	Steps int      // the last step
	Tags  []string // names of the scalars, sorted
}

// Encode returns the event file of the lines of a log, which run.ReadMetrics gives. Equal lines give equal bytes.
func Encode(lines []map[string]any, t Times) (Export, error) {
	var e Export
	for _, line := range lines {
		e.Steps = max(e.Steps, int(run.Number(line, "step")))
	}
	var out bytes.Buffer
	w := tfrecord.NewWriter(&out)
	head := event(t.at(0), 0)
	if err := w.Write(protowire.AppendString(protowire.AppendTag(head, 3, protowire.BytesType), version)); err != nil {
		return e, err
	}
	tags := map[string]bool{}
	for _, line := range lines {
		step := int64(run.Number(line, "step"))
		scalars := run.Numbers(line, "")
		delete(scalars, "step")
		if len(scalars) == 0 {
			continue
		}
		for name := range scalars {
			tags[name] = true
		}
		if err := w.Write(summary(event(t.at(float64(step)/float64(max(1, e.Steps))), step), scalars)); err != nil {
			return e, err
		}
	}
	e.Data, e.Tags = out.Bytes(), slices.Sorted(maps.Keys(tags))
	return e, nil
}

// event begins an event with its time and step; 0, which is the default, is left out.
func event(at float64, step int64) (wire []byte) {
	wire = protowire.AppendTag(wire, 1, protowire.Fixed64Type)
	wire = protowire.AppendFixed64(wire, math.Float64bits(at))
	if step != 0 {
		wire = protowire.AppendVarint(protowire.AppendTag(wire, 2, protowire.VarintType), uint64(step))
	}
	return wire
}

// summary appends the scalars to an event, in the order of their names.
func summary(wire []byte, scalars map[string]float64) []byte {
	var values []byte
	for _, name := range slices.Sorted(maps.Keys(scalars)) {
		value := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), name)
		value = protowire.AppendTag(value, 2, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(float32(scalars[name])))
		values = protowire.AppendBytes(protowire.AppendTag(values, 1, protowire.BytesType), value)
	}
	return protowire.AppendBytes(protowire.AppendTag(wire, 5, protowire.BytesType), values)
}
