// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jupyter"
)

// settle points a test at its own folders and at the shipped corpus.
func settle(t *testing.T) place {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"VSIM_SCALE": tiny, "VSIM_ROOT": "", "VSIM_RUNS": filepath.Join(dir, "runs"),
		"VSIM_FIGURES": filepath.Join(dir, "figures"), "VSIM_RESULTS": filepath.Join(dir, "results"),
	} {
		t.Setenv(name, value)
	}
	p, err := where()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhere(t *testing.T) {
	for _, name := range []string{"VSIM_SCALE", "VSIM_ROOT", "VSIM_RUNS", "VSIM_FIGURES", "VSIM_RESULTS"} {
		t.Setenv(name, "")
	}
	root, err := jupyter.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	p, err := where()
	if err != nil {
		t.Fatal(err)
	}
	want := place{tiny, root, filepath.Join(root, "data/emoji"), filepath.Join(root, "data/runs/tiny"), filepath.Join(root, "data/runs/tiny/figures"), filepath.Join(root, "data/runs/tiny/results"), filepath.Join(root, "data/runs/tiny")}
	if p != want {
		t.Errorf("by default %+v, want %+v", p, want)
	}
	t.Setenv("VSIM_SCALE", demo)
	if p, err = where(); err != nil || p.figures != filepath.Join(root, "figures") || p.results != filepath.Join(root, "data/results") || p.runs != filepath.Join(root, "data/runs/demo") {
		t.Errorf("at scale demo %+v, %v", p, err)
	}
	t.Setenv("VSIM_RUNS", "else/where")
	if p, err = where(); err != nil || !filepath.IsAbs(p.runs) || !strings.HasSuffix(p.runs, "else/where") {
		t.Errorf("with VSIM_RUNS %+v, %v", p, err)
	}
	t.Setenv("VSIM_SCALE", "huge")
	if _, err = where(); err == nil || !strings.Contains(err.Error(), `"huge"`) {
		t.Errorf("scale huge: %v", err)
	}
}

func TestRelative(t *testing.T) {
	p := place{root: "/home/jane/vsim", runs: "/scratch/jane/runs", figures: "/home/jane/vsim/figures"}
	t.Setenv("HOME", "/home/jane")
	for in, want := range map[string]string{
		"/home/jane/vsim/data/emoji":                     "data/emoji",
		"in /home/jane/vsim: nothing":                    "in .: nothing",
		"/scratch/jane/runs/member1/pretrain":            "runs/member1/pretrain",
		"/scratch/jane/runs":                             "runs",
		"/home/jane/.cache/plugin.so":                    "~/.cache/plugin.so",
		"/home/jane/vsim/figures/a.png and 0.5 and 1/25": "figures/a.png and 0.5 and 1/25",
	} {
		if got := p.relative(in); got != want {
			t.Errorf("relative(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestModelNames(t *testing.T) {
	p := settle(t)
	for _, name := range []string{"", "a/b", "../x", ".", "..", ".hidden"} {
		if _, err := p.model(name); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	if got := string(Run("member1", "pretrain")); got != filepath.Join(p.runs, "member1", "pretrain") {
		t.Errorf("Run: %s", got)
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	p := settle(t)
	err := fmt.Errorf("corpus: %s/data/emoji: bad\n\tat x\x1b[31m", p.root)
	if got, want := line(err), "corpus: data/emoji: bad; at x[31m"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
}

func TestSeconds(t *testing.T) {
	home := t.TempDir()
	for _, c := range []struct {
		took  float64
		fresh bool
		want  float64
	}{{1.26, true, 1.3}, {2, false, 3.3}, {5, true, 5}} {
		if got, err := addSeconds(home, pretrain, c.took, c.fresh); err != nil || got != c.want {
			t.Errorf("after %g s: %g, %v, want %g", c.took, got, err, c.want)
		}
	}
	if err := os.WriteFile(secondsFile(home), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readSeconds(home); err == nil || !strings.Contains(err.Error(), "seconds.json") {
		t.Errorf("a torn file: %v", err)
	}
	if _, err := readSeconds(filepath.Join(home, "none")); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
