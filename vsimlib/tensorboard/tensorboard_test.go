// SPDX-License-Identifier: Apache-2.0

package tensorboard

import (
	"bytes"
	"encoding/hex"
	"io"
	"testing"
	"time"

	"vsim/vsimlib/tfrecord"
)

var (
	lines = []map[string]any{
		{"step": 1., "loss": 0.5, "note": "no number"},
		{"step": 200., "loss": -2., "lr": 1.},
		{"step": 200., "val_loss": 3.},
		{"step": 200.},
	}
	times = Times{time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC), 100}
)

// records returns the data of the records, whose checksums hold.
func records(t *testing.T, data []byte) (list [][]byte) {
	t.Helper()
	f := tfrecord.NewFile("events", bytes.NewReader(data), int64(len(data)))
	for at := int64(0); ; {
		entry, err := f.At(len(list), at)
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		record, err := f.Read(entry, nil)
		if err != nil {
			t.Fatal(err)
		}
		list, at = append(list, record), entry.End()
	}
}

// TestGolden: the bytes of each event, written by tensorboard 2.20 and protobuf 7.36 in Python:
//
//	from tensorboard.compat.proto.event_pb2 import Event
//	from tensorboard.compat.proto.summary_pb2 import Summary
//	print(Event(wall_time=1795662000, file_version="brain.Event:2").SerializeToString().hex())
//	V = Summary.Value
//	for t, s, v in [(.5, 1, [V(tag="loss", simple_value=.5)]),
//	                (100, 200, [V(tag="loss", simple_value=-2), V(tag="lr", simple_value=1)]),
//	                (100, 200, [V(tag="val_loss", simple_value=3)])]:
//	    print(Event(wall_time=1795662000 + t, step=s, summary=Summary(value=v)).SerializeToString().hex())
func TestGolden(t *testing.T) {
	e, err := Encode(lines, times)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"090000002ce8c1da411a0d627261696e2e4576656e743a32",
		"090000202ce8c1da4110012a0d0a0b0a046c6f7373150000003f",
		"0900000045e8c1da4110c8012a180a0b0a046c6f737315000000c00a090a026c72150000803f",
		"0900000045e8c1da4110c8012a110a0f0a0876616c5f6c6f73731500004040",
	}
	got := records(t, e.Data)
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if hex.EncodeToString(got[i]) != want[i] {
			t.Errorf("record %d\n%x\nwant\n%s", i, got[i], want[i])
		}
	}
	if e.Steps != 200 || len(e.Tags) != 3 || e.Tags[2] != "val_loss" || times.FileName() != "events.out.tfevents.1795662000.vsim" {
		t.Errorf("%d steps, %v, %s", e.Steps, e.Tags, times.FileName())
	}
	again, err := Encode(lines, times)
	if err != nil || !bytes.Equal(again.Data, e.Data) {
		t.Error("other bytes from the same lines")
	}
}

// TestUnknownTimes: a run of an older version has neither start nor seconds.
func TestUnknownTimes(t *testing.T) {
	if name := (Times{}).FileName(); name != "events.out.tfevents.0000000000.vsim" {
		t.Error(name)
	}
	e, err := Encode(nil, Times{})
	if err != nil || len(records(t, e.Data)) != 1 || !Kind.Made(e.Data) || Kind.Made([]byte("{}")) {
		t.Errorf("%v, %x", err, e.Data)
	}
}
