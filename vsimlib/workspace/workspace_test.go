// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/jupyter"
)

// settle points a test at its own folders and at the shipped corpus.
func settle(t *testing.T) Workspace {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"VSIM_SCALE": competition.ScaleTiny, "VSIM_ROOT": "", "VSIM_RUNS": filepath.Join(dir, "runs"),
		"VSIM_FIGURES": filepath.Join(dir, "figures"), "VSIM_RESULTS": filepath.Join(dir, "results"), "VSIM_SET": "",
	} {
		t.Setenv(name, value)
	}
	w, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOpen(t *testing.T) {
	for _, name := range []string{"VSIM_SCALE", "VSIM_ROOT", "VSIM_RUNS", "VSIM_FIGURES", "VSIM_RESULTS", "VSIM_STUDIES", "VSIM_SET"} {
		t.Setenv(name, "")
	}
	root, err := jupyter.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	w, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	want := Workspace{competition.ScaleTiny, "", root, filepath.Join(root, "data/emoji"), filepath.Join(root, "data/runs/tiny"),
		filepath.Join(root, "data/runs/tiny/figures"), filepath.Join(root, "data/runs/tiny/results"),
		filepath.Join(root, "data/runs/tiny")}
	if w != want {
		t.Errorf("by default %+v, want %+v", w, want)
	}
	t.Setenv("VSIM_SCALE", competition.ScaleDemo)
	w, err = Open()
	if want = (Workspace{competition.ScaleDemo, "", root, filepath.Join(root, "data/emoji"), filepath.Join(root, "data/runs/demo"),
		filepath.Join(root, "data/runs/demo/figures"), filepath.Join(root, "data/runs/demo/results"),
		filepath.Join(root, "data/runs")}); err != nil || w != want {
		t.Errorf("at scale demo %+v, %v, want %+v", w, err, want)
	}
	t.Setenv("VSIM_RUNS", "else/where")
	if w, err = Open(); err != nil || !filepath.IsAbs(w.Runs) || !strings.HasSuffix(w.Runs, "else/where") {
		t.Errorf("with VSIM_RUNS %+v, %v", w, err)
	}
	t.Setenv("VSIM_SCALE", "huge")
	if _, err = Open(); err == nil || !strings.Contains(err.Error(), `"huge"`) {
		t.Errorf("scale huge: %v", err)
	}
}

func TestRelative(t *testing.T) {
	w := Workspace{Root: "/home/jane/vsim", Runs: "/scratch/jane/runs", Figures: "/home/jane/vsim/figures"}
	t.Setenv("HOME", "/home/jane")
	for in, want := range map[string]string{
		"/home/jane/vsim/data/emoji":                     "data/emoji",
		"in /home/jane/vsim: nothing":                    "in .: nothing",
		"/scratch/jane/runs/member1/pretrain":            "runs/member1/pretrain",
		"/scratch/jane/runs":                             "runs",
		"/home/jane/.cache/plugin.so":                    "~/.cache/plugin.so",
		"/home/jane/vsim/figures/a.png and 0.5 and 1/25": "figures/a.png and 0.5 and 1/25",
	} {
		if got := w.Relative(in); got != want {
			t.Errorf("Relative(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestRecords(t *testing.T) {
	w := settle(t)
	if files, err := w.Records("test_a"); err != nil || len(files) != 1 || !jsonfile.Exists(files[0]) ||
		!jsonfile.Exists(w.Labels("test_a")) {
		t.Errorf("records of test_a: %v, %v", files, err)
	}
	if _, err := w.Records("thumbs"); err == nil || !strings.Contains(err.Error(), "no record files") {
		t.Errorf("a folder without records: %v", err)
	}
	if _, err := w.Records("test_c"); err == nil {
		t.Error("records of a part that does not exist")
	}
}

func TestModelNames(t *testing.T) {
	w := settle(t)
	for _, name := range []string{"", "a/b", "../x", ".", "..", ".hidden"} {
		if _, err := w.Model(name); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	m, err := w.Model("member1")
	if got := string(m.Run(Pretrain)); err != nil || got != filepath.Join(w.Runs, "member1", "pretrain") {
		t.Errorf("Run: %s, %v", got, err)
	}
	if m.IsEnsemble() || m.HasEmbeddings("test_a") {
		t.Error("a model that does not exist has files")
	}
	if _, err := m.Finished(Pretrain, nil); err == nil ||
		!strings.Contains(err.Error(), "is not finished; run the cell that trains it") {
		t.Errorf("Finished: %v", err)
	}
}

func TestSeconds(t *testing.T) {
	m := Model{"m", t.TempDir()}
	for _, c := range []struct {
		took  float64
		fresh bool
		want  float64
	}{{1.26, true, 1.3}, {2, false, 3.3}, {5, true, 5}} {
		if got, err := m.AddSeconds(Pretrain, c.took, c.fresh); err != nil || got != c.want {
			t.Errorf("after %g s: %g, %v, want %g", c.took, got, err, c.want)
		}
	}
	if err := os.WriteFile(m.secondsFile(), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Seconds(); err == nil || !strings.Contains(err.Error(), "seconds.json") {
		t.Errorf("a torn file: %v", err)
	}
	if got, err := (Model{"n", filepath.Join(m.Dir, "none")}).Seconds(); err != nil || len(got) != 0 {
		t.Errorf("without a file: %v, %v", got, err)
	}
}

func TestSaveResult(t *testing.T) {
	w := settle(t)
	for _, key := range []string{"b", "a", "b"} {
		if err := w.SaveResult("r", key, []int{1, 2}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(w.ResultsFile("r"))
	if want := "{\n  \"a\": [1,2],\n  \"b\": [1,2],\n  \"corpus\": \"data/emoji\",\n  \"scale\": \"tiny\"\n}\n"; err != nil ||
		string(data) != want {
		t.Errorf("%s, %v, want %s", data, err, want)
	}
	w.Scale = competition.ScaleDemo
	if err := w.SaveResult("r", "c", 1); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(w.ResultsFile("r")); err != nil || strings.Contains(string(data), `"a"`) ||
		!strings.Contains(string(data), `"c": 1`) {
		t.Errorf("results of another scale stay: %s, %v", data, err)
	}
	if err := os.WriteFile(w.ResultsFile("r"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.SaveResult("r", "c", 1); err == nil || !strings.Contains(err.Error(), "r.json") {
		t.Errorf("a torn file: %v", err)
	}
}
