// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/run"
)

// Scales a notebook runs at.
const (
	tiny = "tiny"
	demo = "demo"
)

// corpusDir is the shipped corpus, below the root.
const corpusDir = "data/emoji"

// place is where things lie; all paths are absolute.
type place struct {
	scale                                string
	root, corpus, runs, figures, results string
	studies                              string // studies' trainings lie in its folder study
}

// where reads the environment; see the package comment.
func where() (place, error) {
	p := place{scale: os.Getenv("VSIM_SCALE")}
	if p.scale == "" {
		p.scale = tiny
	}
	if p.scale != tiny && p.scale != demo {
		return place{}, fmt.Errorf("VSIM_SCALE is %q; it may be %s or %s", p.scale, tiny, demo)
	}
	var err error
	if p.root = os.Getenv("VSIM_ROOT"); p.root == "" {
		if p.root, err = jupyter.Root("."); err != nil {
			return place{}, err
		}
	}
	p.corpus = filepath.Join(p.root, filepath.FromSlash(corpusDir))
	p.runs = or(os.Getenv("VSIM_RUNS"), p.root, "data", "runs", p.scale)
	if p.scale == demo {
		p.figures, p.results = filepath.Join(p.root, "figures"), filepath.Join(p.root, "data", "results")
	} else {
		p.figures, p.results = filepath.Join(p.runs, "figures"), filepath.Join(p.runs, "results")
	}
	p.figures, p.results = or(os.Getenv("VSIM_FIGURES"), p.figures), or(os.Getenv("VSIM_RESULTS"), p.results)
	if p.studies = p.runs; p.scale == demo {
		p.studies = filepath.Join(p.root, "data", "runs") // where vsim study has them
	}
	p.studies = or(os.Getenv("VSIM_STUDIES"), p.studies)
	for _, dir := range []*string{&p.root, &p.corpus, &p.runs, &p.figures, &p.results, &p.studies} {
		if *dir, err = filepath.Abs(*dir); err != nil {
			return place{}, err
		}
	}
	return p, nil
}

func or(set string, parts ...string) string {
	if set != "" {
		return set
	}
	return filepath.Join(parts...)
}

// model is the directory of a model's runs and embeddings.
func (p place) model(name string) (string, error) {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return "", fmt.Errorf("%q is no name of a model", name)
	}
	return filepath.Join(p.runs, name), nil
}

// relative writes a path, or a text with paths in it, as a rendered notebook may show it: below the root or the runs,
// without the names of this machine's folders.
func (p place) relative(text string) string {
	for _, known := range []struct{ dir, name string }{{p.root, ""}, {p.runs, "runs"}, {p.studies, "runs"}, {p.figures, "figures"}, {p.results, "results"}} {
		if len(known.dir) < 2 {
			continue
		}
		inside := ""
		if known.name != "" {
			inside = known.name + "/"
		}
		text = strings.ReplaceAll(text, known.dir+string(filepath.Separator), inside)
		text = strings.ReplaceAll(text, known.dir, or(known.name, "."))
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		text = strings.ReplaceAll(text, home, "~")
	}
	return text
}

// Run is the run directory of a model's stage, pretrain or finetune.
func Run(name, stage string) run.Dir {
	p := Must(where())
	return run.Dir(filepath.Join(Must(p.model(name)), stage))
}

// Embeddings is the file of a model's embeddings of a part of the corpus.
func Embeddings(name, part string) string {
	p := Must(where())
	return filepath.Join(Must(p.model(name)), part+".safetensors")
}

// Labels is the label file of a part of the corpus.
func Labels(part string) string {
	p := Must(where())
	return filepath.Join(p.corpus, part, "label.tsv")
}

// Results is the file of small results of that name.
func Results(name string) string {
	p := Must(where())
	return filepath.Join(p.results, name+".json")
}

// Setting is where and at what scale a notebook runs.
type Setting struct {
	Scale   string `json:"scale"`
	Backend string `json:"backend"`
	Corpus  string `json:"corpus"`
	Runs    string `json:"runs"`
	Figures string `json:"figures"`
	Results string `json:"results"`
}

// Setup says where and at what scale this notebook runs, and on what. It makes nothing.
func Setup() (Setting, error) {
	p, err := where()
	if err != nil {
		return Setting{}, err
	}
	d, err := openDevice()
	if err != nil {
		return Setting{}, err
	}
	kind := d.info.Backend
	if d.info.Kind != d.info.Backend {
		kind += " " + d.info.Kind
	}
	return Setting{Scale: p.scale, Backend: kind, Corpus: p.relative(p.corpus), Runs: p.relative(p.runs), Figures: p.relative(p.figures), Results: p.relative(p.results)}, nil
}
