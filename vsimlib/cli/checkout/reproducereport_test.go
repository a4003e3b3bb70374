// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
)

// TestForecast: what a reproduction takes, by scale and by what is installed.
func TestForecast(t *testing.T) {
	t.Setenv("VSIM_STUDY", "")
	root := t.TempDir()
	tiny, demo := newReproduction(root, scaleTiny), newReproduction(root, scaleDemo)
	for want, got := range map[string]string{
		"about 7 minutes on two cores and 1.75 GB":                                       tiny.forecast(false),
		"about 4 minutes on two cores; runs":                                             tiny.forecast(true),
		"about 6 minutes on two cores, and about 150 more for studies that have not run": demo.forecast(true),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q, want %q in it", got, want)
		}
	}
	t.Setenv("VSIM_STUDY", "collect")
	if got := demo.forecast(true); strings.Contains(got, "studies") {
		t.Errorf("where studies are collected: %q", got)
	}
	if everythingInstalled(root) {
		t.Error("in an empty folder everything is installed")
	}
}

// TestCosts: the pages say what the command says.
func TestCosts(t *testing.T) {
	for page, want := range map[string]string{
		"README.md":               fmt.Sprintf("about %d minutes and %.2f GB", freshMinutes, freshGB),
		"vsimlib/docs/results.md": fmt.Sprintf("%.2f GB on the disk", freshGB),
	} {
		words := strings.Fields(filetest.Content(t, filepath.Join("..", "..", "..", filepath.FromSlash(page))))
		if !strings.Contains(strings.Join(words, " "), want) {
			t.Errorf("%s lacks %q", page, want)
		}
	}
}

// TestReport: the end of a reproduction has the scores and says what they are worth, where the pictures are, and what to do next.
func TestReport(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	p := newReproduction(root, scaleTiny)
	for _, dir := range []string{p.figures, p.small} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	filetest.Write(t, filepath.Join(p.figures, "a.png"), "")
	if err := jsonfile.Write(filepath.Join(p.small, "quickstart.json"), results.Evaluation{Scores: []results.Score{
		{Model: "member1", Split: "test_a", Spearman: .12345}}}); err != nil {
		t.Fatal(err)
	}
	r, err := p.report(map[string]float64{"00_quickstart": 3}, 61*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.write(&out)
	want := "executed 1 notebook in 1m1s: data/runs/reproduce-tiny/notebooks\n" +
		"Spearman's correlation in 00_quickstart (tiny: they mean nothing):\n  member1  0.123  on test_a\n" +
		"1 picture: data/runs/reproduce-tiny/figures\nnext:\n"
	rest, ok := strings.CutPrefix(out.String(), want)
	if !ok || strings.Count(rest, "\n") != 2 || !strings.Contains(rest, " lab ") ||
		!strings.Contains(rest, " reproduce --scale demo ") {
		t.Errorf("%s\nwant %s", out.String(), want)
	}
	r.Scale, out = string(scaleDemo), strings.Builder{}
	r.write(&out)
	if strings.Contains(out.String(), "mean nothing") || strings.Contains(out.String(), "reproduce --scale demo") {
		t.Errorf("at demo %s", out.String())
	}
	if r, err := newReproduction(t.TempDir(), scaleTiny).report(nil, 0); err != nil || len(r.Scores) != 0 || r.Scores == nil {
		t.Errorf("without the quickstart's results %+v, %v", r, err)
	}
	filetest.Write(t, filepath.Join(p.small, "quickstart.json"), "{")
	if _, err := p.report(nil, 0); err == nil || !strings.Contains(err.Error(), "quickstart.json") {
		t.Errorf("a torn file: %v", err)
	}
}
