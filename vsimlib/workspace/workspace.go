// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/tfrecord"
)

// CorpusDir is the shipped corpus, relative to the root.
const CorpusDir = "data/emoji"

// Workspace is a scale and the absolute paths of its folders.
type Workspace struct {
	Scale   string // tiny or demo
	Root    string // the checkout
	Corpus  string // a corpus directory
	Runs    string // model directories
	Figures string
	Results string // files of small results
	Studies string // the trainings of studies are in its folder study
}

// Open reads the environment; see the package comment. It creates no folder.
func Open() (Workspace, error) {
	w := Workspace{Scale: cmp.Or(os.Getenv("VSIM_SCALE"), competition.ScaleTiny)}
	if w.Scale != competition.ScaleTiny && w.Scale != competition.ScaleDemo {
		return Workspace{}, fmt.Errorf("VSIM_SCALE is %q; it may be %s or %s", w.Scale, competition.ScaleTiny, competition.ScaleDemo)
	}
	var err error
	if w.Root = os.Getenv("VSIM_ROOT"); w.Root == "" {
		if w.Root, err = jupyter.Root("."); err != nil {
			return Workspace{}, fmt.Errorf("%w; or set VSIM_ROOT to the checkout", err)
		}
	}
	w.Corpus = filepath.Join(w.Root, filepath.FromSlash(CorpusDir))
	w.Runs = cmp.Or(os.Getenv("VSIM_RUNS"), filepath.Join(w.Root, "data", "runs", w.Scale))
	w.setOutputs()
	for _, dir := range []*string{&w.Root, &w.Corpus, &w.Runs, &w.Figures, &w.Results, &w.Studies} {
		if *dir, err = filepath.Abs(*dir); err != nil {
			return Workspace{}, err
		}
	}
	return w, nil
}

// setOutputs sets the folders that depend on the scale: outputs of demo are committed, those of tiny are not.
func (w *Workspace) setOutputs() {
	figures, results, studies := filepath.Join(w.Runs, "figures"), filepath.Join(w.Runs, "results"), w.Runs
	if w.Scale == competition.ScaleDemo {
		figures, results = filepath.Join(w.Root, "figures"), filepath.Join(w.Root, "data", "results")
		studies = filepath.Join(w.Root, "data", "runs") // shared with vsim study
	}
	w.Figures = cmp.Or(os.Getenv("VSIM_FIGURES"), figures)
	w.Results = cmp.Or(os.Getenv("VSIM_RESULTS"), results)
	w.Studies = cmp.Or(os.Getenv("VSIM_STUDIES"), studies)
}

// Labels is the label file of a part of the corpus.
func (w Workspace) Labels(part string) string {
	return filepath.Join(w.Corpus, part, competition.LabelFile)
}

// Records lists the record files of a part of the corpus.
func (w Workspace) Records(part string) ([]string, error) {
	dir := filepath.Join(w.Corpus, filepath.Base(part))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if _, is := tfrecord.ParseName(e.Name()); is && !e.IsDir() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no record files", dir)
	}
	return files, nil
}

// Relative writes a path, or a text with paths in it, as a rendered notebook may show it: relative to the root or the runs,
// without the names of this machine's folders.
func (w Workspace) Relative(text string) string {
	for _, known := range []struct{ dir, name string }{
		{w.Root, ""}, {w.Runs, "runs"}, {w.Studies, "runs"}, {w.Figures, "figures"}, {w.Results, "results"},
	} {
		if len(known.dir) < 2 {
			continue
		}
		inside := ""
		if known.name != "" {
			inside = known.name + "/"
		}
		text = strings.ReplaceAll(text, known.dir+string(filepath.Separator), inside)
		text = strings.ReplaceAll(text, known.dir, cmp.Or(known.name, "."))
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		text = strings.ReplaceAll(text, home, "~")
	}
	return text
}
