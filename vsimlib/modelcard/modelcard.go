// SPDX-License-Identifier: Apache-2.0

// Package modelcard writes the model card of a model directory, README.md: what made the model, and by what it was computed.
package modelcard

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
)

// Card is what a model card says.
type Card struct {
	Stage      string // that trained the model: pretrain or finetune
	Provenance provenance.List
	Mixed      string // which backends or arithmetics the training mixed, "" for none
	Skipped    int    // bad records of the corpus that it was not trained on
}

// Write writes the card of a model directory.
func (c Card) Write(dir string) error {
	return atomicfile.WriteData(filepath.Join(dir, run.CardFile), []byte(c.Markdown()))
}

// stages are what a stage does, for people.
var stages = map[string]string{
	"pretrain": "pretrained on tags, masked tokens and masked frames", "finetune": "finetuned on pairs of labelled similarity",
}

// Markdown is the card's text.
func (c Card) Markdown() string {
	var b strings.Builder
	b.WriteString("---\nlibrary_name: vsim\ntags:\n- video-similarity\n---\n\n# A multimodal transformer of vsim\n\n")
	fmt.Fprintf(&b, "It embeds a video from its title and frames, and was %s (`vsim %s`). `config.json` has its shape; the run that "+
		"it is part of has settings, metrics and scores. AutoModel and AutoTokenizer of transformers load its text side.\n",
		cmp.Or(stages[c.Stage], "made"), c.Stage)
	if c.Skipped > 0 {
		fmt.Fprintf(&b, "\nTraining skipped %s of the corpus (`--skip-bad`); `result.json` of the run names them.\n",
			text.Count(c.Skipped, "bad record"))
	}
	if len(c.Provenance) == 0 {
		return b.String()
	}
	b.WriteString("\n## Computed by\n")
	for _, p := range c.Provenance {
		b.WriteByte('\n')
		for _, line := range lines(p) {
			if line[1] != "" {
				fmt.Fprintf(&b, "- %s: %s\n", line[0], strings.ReplaceAll(text.OneLine(line[1]), "<", "&lt;")) // a checkpoint said it
			}
		}
	}
	if c.Mixed != "" {
		fmt.Fprintf(&b, "\nThe training mixed %s.\n", c.Mixed)
	}
	return b.String()
}

// lines are names and values of what is known of a process.
func lines(p provenance.Process) [][2]string {
	modified := ""
	if p.Modified {
		modified = " (modified)"
	}
	seconds := ""
	if p.Seconds > 0 {
		seconds = fmt.Sprintf("%.0f", p.Seconds)
	}
	return [][2]string{
		{"backend", cmp.Or(p.Backend, provenance.Unknown)}, {"plugin, sha256", p.Plugin}, {"device", p.Device}, {"processor", p.CPU},
		{"instruction set", p.InstructionSet}, {"arithmetic", cmp.Or(p.Arithmetic, provenance.Unknown)},
		{"revision of vsim", p.Revision + modified}, {"Go", p.Go}, {"start", p.Start}, {"seconds", seconds},
	}
}
