// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/plugin"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// What a reproduction takes on two cores, as measured in docs/results.md. Messages and pages have these numbers from here
// (TestCosts).
const (
	freshMinutes = 7    // at tiny from a fresh clone, with all downloads
	readyMinutes = 4    // at tiny with everything installed
	freshGB      = 1.75 // on the disk after the first: modules, Go's build cache, plugin, .jupyter
	demoMinutes  = 6    // at demo with everything installed and the studies done
	studyMinutes = 150  // for the studies of the notebooks at demo: half of their minutes of one core in docs/studies.md
)

// forecast says what the reproduction takes.
func (p reproduction) forecast(ready bool) string {
	minutes := readyMinutes
	if p.scale == string(scaleDemo) {
		minutes = demoMinutes
	}
	line := fmt.Sprintf("this takes about %d minutes on two cores", minutes)
	if !ready {
		const fresh = "from a fresh clone this takes about %d minutes on two cores and %.2f GB (Go's modules and cache, plugin, Jupyter)"
		line = fmt.Sprintf(fresh, minutes+freshMinutes-readyMinutes, freshGB)
	}
	if p.scale == string(scaleDemo) && os.Getenv("VSIM_STUDY") != "collect" {
		line += fmt.Sprintf(", and about %d more for studies that have not run", studyMinutes)
	}
	return line + "; runs that are done are not repeated"
}

// everythingInstalled reports whether nothing has to be downloaded.
func everythingInstalled(root string) bool {
	_, ok := plugin.Installed()
	return ok && jupyter.Status(root).Ready
}

// reproduced is what a reproduction found, as --json prints it.
type reproduced struct {
	Notebooks map[string]float64 `json:"notebooks"` // seconds
	Scale     string             `json:"scale"`
	Out       string             `json:"out"`
	Figures   string             `json:"figures"`
	Pictures  int                `json:"pictures"`
	Scores    []results.Score    `json:"scores"` // of the quickstart

	took time.Duration
}

// report collects what the notebooks found.
func (p reproduction) report(seconds map[string]float64, took time.Duration) (reproduced, error) {
	r := reproduced{Notebooks: seconds, Scale: p.scale, Out: p.rendered, Figures: p.figures, Scores: []results.Score{}, took: took}
	var evaluation results.Evaluation
	err := jsonfile.Read(filepath.Join(p.small, "quickstart.json"), &evaluation)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("reproduce: %w", err)
	}
	if err == nil {
		r.Scores = evaluation.Scores
	}
	pictures, err := filepath.Glob(filepath.Join(p.figures, "*.png"))
	r.Pictures = len(pictures)
	return r, err
}

// write is the report for people: scores, pictures, and what to do next.
func (r reproduced) write(w io.Writer) {
	fmt.Fprintf(w, "executed %s in %s: %s\n", text.Count(len(r.Notebooks), "notebook"), text.Duration(r.took), shown(r.Out))
	if len(r.Scores) > 0 {
		worth := ""
		if r.Scale == string(scaleTiny) {
			worth = " (tiny: they mean nothing)"
		}
		fmt.Fprintf(w, "Spearman's correlation in 00_quickstart%s:\n", worth)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, s := range r.Scores {
			fmt.Fprintf(table, "  %s\t%.3f\ton %s\n", s.Model, s.Spearman, s.Split)
		}
		_ = table.Flush()
	}
	fmt.Fprintf(w, "%s: %s\n", text.Count(r.Pictures, "picture"), shown(r.Figures))
	fmt.Fprintln(w, "next:")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range r.next() {
		fmt.Fprintf(table, "  %s %s\t%s\n", self(), line[0], line[1])
	}
	_ = table.Flush()
}

// next are the two commands to go on with, and what they are good for.
func (r reproduced) next() [][2]string {
	lab := [2]string{"lab", "the notebooks in JupyterLab, as copies to try things in"}
	if r.Scale == string(scaleTiny) {
		takes := fmt.Sprintf("models that learn something; about %d minutes, and %d for studies", demoMinutes, studyMinutes)
		return [][2]string{lab, {"reproduce --scale demo", takes}}
	}
	return [][2]string{lab, {"study epochs --scale demo --corpus emoji", "a study of your own: more seeds, another corpus"}}
}

// self is how this command is called again: by go run, or by the path it was called with.
func self() string {
	if program, err := os.Executable(); err == nil && strings.Contains(program, string(filepath.Separator)+"go-build") {
		return "go run ./vsimlib/cmd/vsim"
	}
	return os.Args[0]
}
