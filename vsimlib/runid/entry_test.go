// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/provenance"
)

// TestFlippedIdentity: any flipped bit of identity.json is noticed in a run that is not finished, its provenance included, and the
// same run then asks a checkpoint what it is.
func TestFlippedIdentity(t *testing.T) {
	id := Identity{Stage: "finetune", Corpus: "c", Vocab: "v", Init: "i"}
	dir := started(t, id)
	s, err := NewStart(id, tiny(t), "")
	if err != nil {
		t.Fatal(err)
	}
	s = s.By(provenance.Now(provenance.Machine{Backend: "go", CPU: "a processor"}, "1234"), false)
	s.Skipped = 3
	if err := Enter(dir, s, tiny(t)); err != nil {
		t.Fatal(err)
	}
	if p, err := Compare(dir, s, tiny(t)); err != nil || len(p.Doubt) > 0 || CheckIdentity(dir) != nil {
		t.Fatalf("as written: %+v, %v", p, err)
	}
	data, err := os.ReadFile(dir.Identity())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 8 * len(data) {
		i, flipped := n/8, bytes.Clone(data)
		flipped[i] ^= 1 << (n % 8)
		if _, err := decodeEntry(dir.Identity(), flipped); err == nil {
			t.Errorf("a flipped bit of byte %d (%q) is not noticed", i, data[max(0, i-9):min(len(data), i+9)])
		}
	}
	if err := os.WriteFile(dir.Identity(), bytes.Replace(data, []byte("a processor"), []byte("b processor"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Compare(dir, s, tiny(t))
	if err != nil || len(p.Doubt) != 1 || !strings.Contains(p.Doubt[0].Error(), "identity.json: was altered") {
		t.Errorf("%+v, %v", p, err)
	}
	if err := CheckIdentity(dir); err == nil {
		t.Error("CheckIdentity is content")
	}
}

// TestOlderIdentity: identity.json without a sum is read.
func TestOlderIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "identity.json")
	for _, older := range []any{Identity{Stage: "pretrain", Corpus: "c", Vocab: "v", Init: "i"},
		entry{Identity: Identity{Stage: "pretrain", Corpus: "c", Vocab: "v", Init: "i"}, By: &provenance.Process{Arithmetic: "1"}}} {
		data, err := jsonfile.Encode(older)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := decodeEntry(path, data); err != nil || e.Corpus != "c" {
			t.Errorf("%s: %+v, %v", data, e, err)
		}
	}
}
