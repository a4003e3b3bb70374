// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"path/filepath"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/workspace"
)

// settle points a test at its own folders and at the shipped corpus.
func settle(t *testing.T) workspace.Workspace {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"VSIM_SCALE": competition.ScaleTiny, "VSIM_ROOT": "", "VSIM_RUNS": filepath.Join(dir, "runs"),
		"VSIM_FIGURES": filepath.Join(dir, "figures"), "VSIM_RESULTS": filepath.Join(dir, "results"), "VSIM_SET": "",
	} {
		t.Setenv(name, value)
	}
	w, err := workspace.Open()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPaths(t *testing.T) {
	w := settle(t)
	for _, c := range []struct{ got, want string }{
		{string(Run("member1", "pretrain")), filepath.Join(w.Runs, "member1", "pretrain")},
		{Embeddings("member1", "test_a"), filepath.Join(w.Runs, "member1", "test_a.safetensors")},
		{Labels("test_a"), filepath.Join(w.Root, "data/emoji/test_a/label.tsv")},
		{Results("r"), filepath.Join(w.Results, "r.json")},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	w := settle(t)
	err := fmt.Errorf("corpus: %s/data/emoji: bad\n\tat x\x1b[31m", w.Root)
	if got, want := oneLine(err), "corpus: data/emoji: bad; at x\ufffd[31m"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
}
