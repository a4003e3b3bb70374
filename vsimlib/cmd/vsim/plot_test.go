// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlot draws columns of a CSV file, and figures of a committed table without its trainings.
func TestPlot(t *testing.T) {
	dir := t.TempDir()
	scores := writeText(t, filepath.Join(dir, "scores.csv"),
		"loss,epochs,seed,score\nMSE,1,1,0.5\nMSE,1,2,0.75\nMSE,2,1,0.5\nown,1,1,0.25\n")
	columns := []string{"plot", scores, "--x", "epochs", "--y", "score", "--by", "loss"}
	call := func(args ...string) outcome { return vsim(t, append(columns[:len(columns):len(columns)], args...)...) }
	lines, bars, points := filepath.Join(dir, "new", "lines.svg"), filepath.Join(dir, "bars.png"), filepath.Join(dir, "points.csv")
	v := call("--out", lines, "--title", "Own numbers", "--json").ended(exitDone).has("figure", "points", "shows")
	if shows := v["shows"].(string); v["points"] != 3. || !strings.Contains(shows, "of 1 to 2 rows, 95% interval. MSE: 0.625 at 1") {
		t.Errorf("%v", v)
	}
	call("--out", bars, "--bars").ended(exitDone)
	call("--out", points).ended(exitDone)
	for path, want := range map[string]string{lines: "Own numbers", bars: "\x89PNG",
		points: "series,x,mean,low,high,rows\nMSE,1,0.625,"} {
		if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %.80q, %v", path, data, err)
		}
	}
	call("--out", points).failed(exitFailed, points+": exists; --force overwrites it")
	call("--out", points, "--force").ended(exitDone)
	call("--out", scores, "--force").failed(exitFailed, scores)
	call("--out", filepath.Join(dir, "a.pdf")).failed(exitUsage, "ends neither in .svg nor in .png nor in .csv")
	call("--out", filepath.Join(dir, "a.svg"), "--low", "score").failed(exitUsage, "--low and --high go together")
	call("--out", filepath.Join(dir, "a.svg"), "--bars", "--log-x").failed(exitUsage, "--log-x goes without --bars")
	call("--out", filepath.Join(dir, "a.svg"), "--figure", "law").failed(exitUsage, "--figure is of a study's table.json")
	vsim(t, "plot", scores, "--x", "epochs", "--out", filepath.Join(dir, "a.svg")).failed(exitUsage,
		"--x and --y name the columns of "+scores)
	vsim(t, "plot", scores, "--x", "epochs", "--y", "scor", "--out", filepath.Join(dir, "a.svg")).failed(exitFailed,
		scores+`: no column "scor"; the nearest is "score" of loss, epochs, seed, score`)

	table, figure := filepath.Join("..", "..", "..", "data", "results", "study-ensemble.json"), filepath.Join(dir, "study.csv")
	for _, c := range []struct{ name, header string }{{"", "cell,series,x,"}, {"sizes", "models,members,"}, {"law", "of,models,"}} {
		args := []string{"plot", table, "--out", figure, "--force"}
		if c.name != "" {
			args = append(args, "--figure", c.name)
		}
		vsim(t, args...).ended(exitDone)
		if data, err := os.ReadFile(figure); err != nil || !strings.HasPrefix(string(data), c.header) {
			t.Errorf("%s: %.80q, %v", c.name, data, err)
		}
	}
	vsim(t, "plot", table, "--out", figure, "--figure", "axis").failed(exitUsage, `has no figure "axis"; it has cells, sizes, law`)
	vsim(t, "plot", table, "--out", figure, "--x", "mean").failed(exitUsage, "--x is of a CSV file")
}
