// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
)

// TestLook makes what notebooks 01 and 02 show, but for the model's part, and reads it back from the results files.
func TestLook(t *testing.T) {
	settle(t)
	r, err := Recipe(1)
	if err != nil {
		t.Fatal(err)
	}
	record, err := Dissect("one", "pairwise", "贵宾犬")
	if err != nil || record.Framing.FlippedNoticed != record.Framing.FlippedBits || record.Real != 10 {
		t.Fatalf("%+v, %v", record.Framing, err)
	}
	if _, err := Dissect("one", "pairwise", "没有"); err == nil || !strings.Contains(err.Error(), "没有") {
		t.Errorf("a title that is not there: %v", err)
	}
	b, err := Minibatch("two", r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Minibatch("two", r)
	if err != nil || b.Titles[3] != again.Titles[3] || len(b.Segment) == 0 || b.Count.Videos != r.Pretrain.Batch {
		t.Errorf("%+v, then %+v, %v", b.Count, again.Count, err)
	}
	r.Model.Pooling = "mean"
	if padded, err := Minibatch("three", r); err != nil || padded.Segment != nil || padded.Count.Chosen != b.Count.Chosen {
		t.Errorf("with padding %+v, %v", padded.Count, err)
	}
	shares, err := Masking("two", r, 2)
	if err != nil || len(shares) != 5 || shares[0].Of < 5000 {
		t.Errorf("%+v, %v", shares, err)
	}
	sizes, err := Parameters("model", r)
	if err != nil || sizes[len(sizes)-1].Paper < 360_000_000 || sizes[len(sizes)-1].Parameters > 3_000_000 {
		t.Errorf("%+v, %v", sizes, err)
	}
	var kept struct {
		Minibatch results.Minibatch
		Masking   []results.MaskShare
	}
	if err := jsonfile.Read(Results("two"), &kept); err != nil || kept.Minibatch.Count != b.Count || kept.Masking[2] != shares[2] {
		t.Errorf("kept %+v, %v", kept, err)
	}
}
