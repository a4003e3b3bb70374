// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
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
	Set     string // changes of the scale's preset, "section.name=value" separated by spaces
	Root    string // the checkout
	Corpus  string // a corpus directory
	Runs    string // model directories
	Figures string
	Results string // files of small results
	Studies string // the trainings of studies are in its folder study
}

// Open reads the environment; see the package comment. It creates no folder.
func Open() (Workspace, error) { return Of(os.Getenv) }

// Of is Open with the environment that getenv reads.
func Of(getenv func(name string) string) (Workspace, error) {
	w := Workspace{Scale: cmp.Or(getenv("VSIM_SCALE"), competition.ScaleTiny)}
	if w.Scale != competition.ScaleTiny && w.Scale != competition.ScaleDemo {
		return Workspace{}, fmt.Errorf("VSIM_SCALE is %q; it may be %s or %s", w.Scale, competition.ScaleTiny, competition.ScaleDemo)
	}
	var err error
	if w.Set, err = changes(w.Scale, strings.Fields(getenv(setEnv))); err != nil {
		return Workspace{}, fmt.Errorf("%s: %w", setEnv, err)
	}
	if w.Root = getenv("VSIM_ROOT"); w.Root == "" {
		if w.Root, err = jupyter.Root("."); err != nil {
			return Workspace{}, fmt.Errorf("%w; or set VSIM_ROOT to the checkout", err)
		}
	}
	w.Corpus = filepath.Join(w.Root, filepath.FromSlash(CorpusDir))
	runs := filepath.Join(w.Root, "data", "runs")
	w.Runs = cmp.Or(getenv("VSIM_RUNS"), filepath.Join(runs, w.folder()))
	w.Figures = cmp.Or(getenv("VSIM_FIGURES"), filepath.Join(w.Runs, "figures"))
	w.Results = cmp.Or(getenv("VSIM_RESULTS"), filepath.Join(w.Runs, "results"))
	if w.Studies = cmp.Or(getenv("VSIM_STUDIES"), w.Runs); w.Scale == competition.ScaleDemo {
		w.Studies = cmp.Or(getenv("VSIM_STUDIES"), runs) // shared with vsim study
	}
	for _, dir := range []*string{&w.Root, &w.Corpus, &w.Runs, &w.Figures, &w.Results, &w.Studies} {
		if *dir, err = filepath.Abs(*dir); err != nil {
			return Workspace{}, err
		}
	}
	return w, nil
}

// Env is the environment that opens this workspace, as NAME=VALUE.
func (w Workspace) Env() []string {
	return []string{
		"VSIM_SCALE=" + w.Scale, setEnv + "=" + w.Set, "VSIM_ROOT=" + w.Root, "VSIM_RUNS=" + w.Runs, "VSIM_FIGURES=" + w.Figures,
		"VSIM_RESULTS=" + w.Results, "VSIM_STUDIES=" + w.Studies,
	}
}

// Labels is the label file of a part of the corpus.
func (w Workspace) Labels(part string) string {
	return filepath.Join(w.Corpus, part, competition.LabelFile)
}

// Records lists the record files of a part of the corpus.
func (w Workspace) Records(part string) ([]string, error) {
	dir := filepath.Join(w.Corpus, filepath.Base(part))
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no part %q; parts are %s", w.Corpus, part, strings.Join(competition.Parts(), ", "))
	}
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
