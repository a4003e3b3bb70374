// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
)

// Limits of a notebook that people read on the web.
const (
	maxCellLines   = 10
	maxOutputLines = 200
	maxBytes       = 1_000_000
)

// notebook is what these tests read of an .ipynb file.
type notebook struct {
	Format int      `json:"nbformat"`
	Minor  int      `json:"nbformat_minor"`
	Cells  []nbCell `json:"cells"`
}

type nbCell struct {
	Type    string     `json:"cell_type"`
	ID      string     `json:"id"`
	Source  prose      `json:"source"`
	Count   *int       `json:"execution_count"`
	Outputs []nbOutput `json:"outputs"`
}

type nbOutput struct {
	Type     string                       `json:"output_type"`
	Name     string                       `json:"name"`
	Text     prose                        `json:"text"`
	Data     map[string]prose             `json:"data"`
	Metadata map[string]map[string]string `json:"metadata"`
}

// prose is a string, or a list of its lines.
type prose string

func (s *prose) UnmarshalJSON(data []byte) error {
	var lines []string
	if err := json.Unmarshal(data, &lines); err == nil {
		*s = prose(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(s))
}

func readNotebook(t *testing.T, path string) notebook {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb notebook
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return nb
}

func (nb notebook) code() []nbCell {
	return slices.DeleteFunc(slices.Clone(nb.Cells), func(c nbCell) bool { return c.Type != "code" })
}

// committed lists the notebooks of the checkout.
func committed(t *testing.T) (root string, paths []string) {
	t.Helper()
	root, err := jupyter.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	paths, missing := jupyter.Notebooks(root)
	if len(missing) > 0 {
		t.Fatalf("%v are missing", missing)
	}
	return root, paths
}

// quickstart is the notebook that the results of these tests belong to.
const quickstart = "00_quickstart.ipynb"

// TestCellsAreThin holds every notebook to its form.
func TestCellsAreThin(t *testing.T) {
	_, paths := committed(t)
	for _, path := range paths {
		nb := readNotebook(t, path)
		if nb.Format != 4 || nb.Minor < 5 {
			t.Errorf("%s: format %d.%d, want 4.5", path, nb.Format, nb.Minor)
		}
		known := map[string]bool{}
		for i, c := range nb.Cells {
			if known[c.ID] || !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(c.ID) {
				t.Errorf("%s: cell %d has the id %q", path, i+1, c.ID)
			}
			known[c.ID] = true
		}
		code := nb.code()
		if len(code) == 0 || !strings.HasPrefix(string(code[0].Source), "%noautoget\n") {
			t.Errorf("%s: the first code cell does not begin with %%noautoget", path)
		}
		for _, c := range code {
			if lines := strings.Count(strings.TrimRight(string(c.Source), "\n"), "\n") + 1; lines > maxCellLines {
				t.Errorf("%s: cell %s has %d lines, more than %d", path, c.ID, lines, maxCellLines)
			}
		}
	}
}

// TestCommittedNotebooks holds every rendered notebook against the committed results and figures.
func TestCommittedNotebooks(t *testing.T) {
	root, paths := committed(t)
	const again = "; render it with `go run ./vsimlib/cmd/vsim reproduce --scale demo`"
	t.Setenv("VSIM_SCALE", competition.ScaleDemo)
	t.Setenv("VSIM_ROOT", root)
	for _, name := range []string{"VSIM_RUNS", "VSIM_STUDIES", "VSIM_STUDY", "VSIM_SET"} {
		t.Setenv(name, "")
	}
	t.Setenv("VSIM_FIGURES", filepath.Join(root, "figures"))
	t.Setenv("VSIM_RESULTS", filepath.Join(root, "data", "results"))
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, fault := range faults(t, path) {
				t.Error(fault + again)
			}
		})
	}
}

// faults compares a rendered notebook with the results and figures of the present environment.
func faults(t *testing.T, path string) []string {
	t.Helper()
	w, err := workspace.Open()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	fault := func(format string, args ...any) {
		list = append(list, filepath.Base(path)+": "+fmt.Sprintf(format, args...))
	}
	if info, err := os.Stat(path); err != nil || info.Size() > maxBytes {
		fault("is of %d bytes (%v), want at most %d", info.Size(), err, maxBytes)
	}
	nb := readNotebook(t, path)
	shown := map[string]bool{} // every text and every picture
	for i, c := range nb.code() {
		if c.Count == nil || *c.Count != i+1 || len(c.Outputs) == 0 {
			fault("cell %s is not rendered in order", c.ID)
		}
		for _, o := range c.Outputs {
			if o.Type == "error" || o.Name == "stderr" {
				fault("cell %s shows an error: %.200s", c.ID, o.Text)
			}
			if o.Data["image/png"] != "" && o.Metadata["image/png"]["alt"] == "" {
				fault("cell %s shows a picture without alt text", c.ID)
			}
			for kind, shows := range o.Data {
				shown[strings.TrimSpace(string(shows))] = true
				if lines := strings.Count(string(shows), "\n"); lines > maxOutputLines && kind != "image/png" {
					fault("cell %s shows %d lines", c.ID, lines)
				}
			}
		}
	}
	for _, leak := range leaks(nb) {
		fault("%s", leak)
	}
	if filepath.Base(path) == quickstart {
		list = append(list, quickstartFaults(w, shown)...)
	}
	for _, missing := range slices.Concat(sawFaults(nb, w, shown), figureFaults(nb, w, shown), studyFaults(nb, shown),
		claimsFaults(nb, w, shown)) {
		fault("%s", missing)
	}
	return list
}

// quickstartFaults looks for the quickstart's scores and its summary among what is shown.
func quickstartFaults(w workspace.Workspace, shown map[string]bool) []string {
	var o results.Evaluation
	if err := w.ReadResults("quickstart", &o); err != nil {
		return []string{err.Error()}
	}
	var list []string
	if o.Scale != w.Scale {
		list = append(list, fmt.Sprintf("the results are of scale %s, want %s", o.Scale, w.Scale))
	}
	if scores, err := report.Of(o.Scores); err != nil || !shown[scores.HTML()] {
		list = append(list, fmt.Sprintf("the table of scores is not the one of quickstart.json (%v)", err))
	}
	if words, err := report.EvaluationSummary(o); err != nil || !shown[words] {
		list = append(list, fmt.Sprintf("the summary is not the one of quickstart.json (%v)", err))
	}
	return list
}

var sawCall = regexp.MustCompile("nb\\.Saw\\(\"([^\"]+)\", `([^`]*)`")

// sawFaults writes every text of Saw anew from the results and looks for it among what is shown.
func sawFaults(nb notebook, w workspace.Workspace, shown map[string]bool) []string {
	var list []string
	for _, c := range nb.code() {
		if strings.Contains(string(c.Source), "nb.Saw(") && !sawCall.MatchString(string(c.Source)) {
			list = append(list, fmt.Sprintf("cell %s calls nb.Saw in a way that this test cannot read", c.ID))
		}
		for _, call := range sawCall.FindAllStringSubmatch(string(c.Source), -1) {
			if words, err := said(Saw(call[1], call[2])); err != nil || !shown[words] {
				list = append(list, fmt.Sprintf("cell %s does not show what %s.json says (%v)", c.ID, call[1], err))
			}
			var results struct{ Scale string }
			if err := w.ReadResults(call[1], &results); err != nil || results.Scale != w.Scale {
				list = append(list, fmt.Sprintf("%s.json is of scale %q, want %s (%v)", call[1], results.Scale, w.Scale, err))
			}
		}
	}
	return list
}

var figureCall = regexp.MustCompile(`nb\.(?:Figure\(|Gallery\(|Disagree\("[^"]+", )"([^"]+)"`)

// figureFaults looks for every figure of the cells in the figures folder and among what is shown.
func figureFaults(nb notebook, w workspace.Workspace, shown map[string]bool) []string {
	var list []string
	for _, c := range nb.code() {
		for _, call := range figureCall.FindAllStringSubmatch(string(c.Source), -1) {
			png, err := os.ReadFile(filepath.Join(w.Figures, call[1]+".png"))
			if err != nil || !shown[base64.StdEncoding.EncodeToString(png)] {
				list = append(list, fmt.Sprintf("figure %s is not the one that cell %s shows (%v)", call[1], c.ID, err))
			}
			if _, err := os.Stat(filepath.Join(w.Figures, call[1]+".csv")); err != nil {
				list = append(list, fmt.Sprintf("figure %s has no numbers beside it", call[1]))
			}
		}
	}
	return list
}

var machinePath = regexp.MustCompile(`(^|[\s"'(>=:])(/(home|root|Users|tmp|work|opt|var|mnt|data|private|scratch|usr)/[^\s"'<)]*|~/\S+|[A-Z]:\\\S+)`)
var secret = regexp.MustCompile(`(?i)(token=[0-9a-f]{16}|gh[pousr]_[0-9A-Za-z]{20}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY)`)

// leaks lists what a rendered notebook says of the machine it was rendered on.
func leaks(nb notebook) []string {
	host, _ := os.Hostname()
	var list []string
	for _, c := range nb.Cells {
		texts := []string{string(c.Source)}
		for _, o := range c.Outputs {
			texts = append(texts, string(o.Text))
			for kind, shows := range o.Data {
				if kind != "image/png" {
					texts = append(texts, string(shows))
				}
			}
		}
		for _, s := range texts {
			for _, found := range []string{machinePath.FindString(s), secret.FindString(s)} {
				if found != "" {
					list = append(list, fmt.Sprintf("cell %s shows %q", c.ID, found))
				}
			}
			if len(host) > 4 && strings.Contains(s, host) {
				list = append(list, fmt.Sprintf("cell %s shows this machine's name", c.ID))
			}
		}
	}
	return list
}

func TestLeaks(t *testing.T) {
	for s, want := range map[string]bool{
		"data/runs/demo/member1/pretrain/model": false, "1/25 of all": false, "`/` and 3/4": false, "see data/emoji/licences/": false,
		"in /home/jane/x": true, `src="/tmp/a.png"`: true, "~/.cache/plugin.so": true, "<td>/root/vsim</td>": true, `C:\Users\jane`: true,
		"http://127.0.0.1:8888/lab?token=0123456789abcdef01": true,
	} {
		if got := leaks(notebook{Cells: []nbCell{{Outputs: []nbOutput{{Data: map[string]prose{
			"text/html": prose(s)}}}}}}); (len(got) > 0) != want {
			t.Errorf("%q: %v, want a leak: %t", s, got, want)
		}
	}
}

// TestHeadless executes all notebooks at scale tiny as vsim reproduce does, the quickstart twice: stopped in its first training
// and run again.
func TestHeadless(t *testing.T) {
	if testing.Short() {
		t.Skip("sets Jupyter up and executes a notebook")
	}
	backendstest.Backend(t) // installs the plugin where it is missing
	root, _ := committed(t)
	if _, err := jupyter.Setup(t.Context(), root, os.Stderr); err != nil {
		t.Fatal(err)
	}
	w := settle(t)
	env := environment(w)
	source, out := filepath.Join(root, "notebooks", quickstart), filepath.Join(t.TempDir(), quickstart)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var asked time.Time
	err := jupyter.Execute(ctx, root, source, out, env, func(e jupyter.Event) {
		if strings.HasPrefix(e.Text, "pretrain member1: step 1 ") {
			asked = time.Now()
			stop()
		}
	})
	if took := time.Since(asked); !errors.Is(err, context.Canceled) || took >= 6*time.Second { // the kernel's end is part of it
		t.Fatalf("stopped in a training cell: %v, %v after it was asked", err, took)
	}
	partial, err := os.ReadFile(strings.TrimSuffix(out, ".ipynb") + ".partial.ipynb")
	if err != nil || !stopWords.Match(partial) {
		t.Errorf("the stopped cell does not say how to go on (%v): %q", err,
			regexp.MustCompile(`pretrain member1: [^"\\]*`).FindAll(partial, -1))
	}
	if _, err := os.Stat(Run("member1", workspace.Pretrain).Result()); err == nil {
		t.Fatal("a pretraining that was stopped has a result")
	}
	if err := jupyter.Execute(t.Context(), root, source, out, env, nil); err != nil {
		t.Fatal(err)
	}
	everyStepOnce(t, Run("member1", workspace.Pretrain))
	for _, fault := range faults(t, out) {
		t.Error(fault)
	}
	sameLeaks(t, w)
	// The check can fail: one digit of a result changed, and the rendered table no longer is the results'.
	data, err := os.ReadFile(Results("quickstart"))
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`"spearman": (-?)0\.\d`).ReplaceAll(data, []byte(`"spearman": ${1}0.99`))
	if bytes.Equal(changed, data) {
		t.Fatalf("no score in %s", data)
	}
	if err := os.WriteFile(Results("quickstart"), changed, 0o644); err != nil {
		t.Fatal(err)
	}
	if len(faults(t, out)) < 2 {
		t.Error("a changed result is not noticed")
	}
	if err := os.WriteFile(Results("quickstart"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	otherNotebooks(t, root, env)
}

// sameLeaks compares the leaked pairs of the quickstart's scores with those that finetuning itself counted.
func sameLeaks(t *testing.T, w workspace.Workspace) {
	t.Helper()
	var o results.Evaluation
	if err := w.ReadResults("quickstart", &o); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, s := range o.Scores {
		var r trainer.FinetuneResult
		m, err := w.Model(s.Model)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Finished(workspace.Finetune, &r); err != nil || s.Split == competition.TestA {
			continue // an ensemble, or no training's split
		}
		if compared++; s.LeakedPairs != r.LeakedPairs || s.Pairs != r.ValPairs {
			t.Errorf("%+v, but finetuning counted %+v", s, r.HeldOut)
		}
	}
	if compared == 0 {
		t.Error("nothing to compare")
	}
}

// environment is what sets the workspace of a kernel.
func environment(w workspace.Workspace) []string {
	return []string{"VSIM_SCALE=" + w.Scale, "VSIM_ROOT=" + w.Root, "VSIM_RUNS=" + w.Runs, "VSIM_FIGURES=" + w.Figures,
		"VSIM_RESULTS=" + w.Results}
}

// stopWords are what a stopped training says. The interrupt may find XLA compiling the program of the next batch's length, which
// nothing can stop: where that outlasts the cell's patience, the second of the two is said.
var stopWords = regexp.MustCompile(`pretrain member1: stopped (at step \d+[^"]*; run the cell again to go on|in the middle of a step; run the cell again to go on from the last checkpoint)`)

// otherNotebooks executes all notebooks but the quickstart, on its runs, and compares them with the results they leave. Those of
// studies run in parallel to the ones before them: a kernel waits for one linker most of its time.
func otherNotebooks(t *testing.T, root string, env []string) {
	_, paths := committed(t)
	paths = slices.DeleteFunc(paths, func(path string) bool { return filepath.Base(path) == quickstart })
	studies := slices.IndexFunc(paths, func(path string) bool { return filepath.Base(path) == "06_loss_weights.ipynb" })
	executed := map[string]string{}
	for _, path := range paths {
		executed[filepath.Base(path)] = filepath.Join(t.TempDir(), filepath.Base(path))
	}
	var wait sync.WaitGroup
	for _, sources := range [][]string{paths[:studies], paths[studies:]} {
		wait.Go(func() {
			for _, source := range sources {
				began, name := time.Now(), filepath.Base(source)
				if err := jupyter.Execute(t.Context(), root, source, executed[name], env, nil); err != nil {
					t.Error(err)
				}
				t.Logf("%s: %.0f s", name, time.Since(began).Seconds())
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	for _, path := range paths {
		for _, fault := range faults(t, executed[filepath.Base(path)]) {
			t.Error(fault)
		}
	}
	// The check can fail: one digit of what a text was written from.
	path := Results("record")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(data, []byte(`"data_bytes":2`), []byte(`"data_bytes":3`), 1)
	if err := os.WriteFile(path, changed, 0o644); err != nil || bytes.Equal(changed, data) {
		t.Fatalf("no number to change in %s (%v)", data, err)
	}
	if len(faults(t, executed["01_one_record.ipynb"])) != 1 {
		t.Error("a changed result is not noticed")
	}
}

// everyStepOnce holds a run's log against the rule that each step has one line, in order.
func everyStepOnce(t *testing.T, dir run.Dir) {
	t.Helper()
	lines, err := run.ReadMetrics(dir.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for _, fields := range lines {
		if _, trained := fields["loss"]; trained {
			steps++
			if fields["step"] != float64(steps) {
				t.Fatalf("step %v is logged in the place of step %d", fields["step"], steps)
			}
		}
	}
}
