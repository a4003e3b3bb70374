// SPDX-License-Identifier: Apache-2.0

package modelcard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/run"
)

// TestCard says what a model is and by what it was computed, and leaves out what is not known.
func TestCard(t *testing.T) {
	dir := t.TempDir()
	p := provenance.Process{Arithmetic: "1234", Seconds: 12.4, Machine: provenance.Machine{Backend: "cpu", Plugin: "ab12",
		CPU: "A processor", Revision: "0f0f", Modified: true}}
	c := Card{Stage: "finetune", Provenance: provenance.List{{}, p}, Mixed: "backends cpu, unknown"}
	if err := c.Write(dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, run.CardFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"---\nlibrary_name: vsim\n", "was finetuned on pairs",
		"\n\n- backend: unknown\n- arithmetic: unknown\n\n",
		"- backend: cpu\n- plugin, sha256: ab12\n" +
			"- processor: A processor\n- arithmetic: 1234\n- revision of vsim: 0f0f (modified)\n" +
			"- seconds: 12\n",
		"The training mixed backends cpu, unknown."} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %q in\n%s", want, data)
		}
	}
	if got := (Card{Stage: "pretrain"}).Markdown(); strings.Contains(got, "Computed by") {
		t.Errorf("%s", got)
	}
}
