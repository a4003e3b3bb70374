// SPDX-License-Identifier: Apache-2.0

// Package modelcard writes the model card of a model directory, README.md: what made the model, of which data, with which settings
// and scores, and by what it was computed. Its front matter is YAML, for programs.
package modelcard

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/text"
)

// Card is what a model card says.
type Card struct {
	Stage      string // that made the model: pretrain, finetune or import
	Data       Data
	Recipe     *recipe.Recipe // nil where the model was not trained
	Result     any            // as result.json has it; nil where there is none
	Notes      []string       // a line each
	Provenance provenance.List
	Mixed      string // which backends or arithmetics the training mixed, "" for none
	Skipped    int    // bad records of the corpus that it was not trained on
}

// Data is what a stage read.
type Data struct {
	Corpus         string   // its folder, of which the card has the name alone
	Parts          []string // that were read
	runid.Identity          // fingerprint of these parts, checksums of the vocabulary and of the initial weights
}

// corpus is the name of the corpus's folder.
func (d Data) corpus() string {
	if full, err := filepath.Abs(d.Corpus); err == nil && d.Corpus != "" {
		return filepath.Base(full)
	}
	return d.Corpus
}

// Write writes the card of a model directory.
func (c Card) Write(dir string) error {
	return atomicfile.WriteData(filepath.Join(dir, run.CardFile), []byte(c.Markdown()))
}

// stages are what a stage does, for people.
var stages = map[string]string{
	"pretrain": "pretrained on tags, masked tokens and masked frames", "finetune": "finetuned on pairs of labelled similarity",
	"import": "made from the weights of a BERT",
}

// Markdown is the card's text.
func (c Card) Markdown() string {
	var b strings.Builder
	b.WriteString(c.frontMatter() + "\n# A multimodal transformer of vsim\n\n")
	fmt.Fprintf(&b, "It embeds a video from its title and frames, and was %s (`vsim %s`). `config.json` has its shape. AutoModel and "+
		"AutoTokenizer of transformers load its text side.\n", cmp.Or(stages[c.Stage], "made"), c.Stage)
	if c.Skipped > 0 {
		fmt.Fprintf(&b, "\nTraining skipped %s of the corpus (`--skip-bad`); `result.json` of the run names them.\n",
			text.Count(c.Skipped, "bad record"))
	}
	c.scored(&b)
	if len(c.Notes) > 0 {
		b.WriteString("\n## Notes\n\n")
		for _, note := range c.Notes {
			fmt.Fprintf(&b, "- %s\n", plain(note))
		}
	}
	if len(c.Provenance) == 0 {
		return b.String()
	}
	b.WriteString("\n## Computed by\n")
	for _, p := range c.Provenance {
		b.WriteByte('\n')
		for _, line := range lines(p) {
			if line[1] != "" {
				fmt.Fprintf(&b, "- %s: %s\n", line[0], plain(line[1]))
			}
		}
	}
	if c.Mixed != "" {
		fmt.Fprintf(&b, "\nThe training mixed %s.\n", c.Mixed)
	}
	return b.String()
}

// plain is text from files, such as checkpoints, without markup.
func plain(s string) string { return strings.ReplaceAll(text.OneLine(s), "<", "&lt;") }

// scored writes the scores, and on what they are.
func (c Card) scored(b *strings.Builder) {
	list, o := c.scores(), c.outcome()
	if len(list) == 0 {
		return
	}
	b.WriteString("\n## Scores\n\n| validation | value | 95% interval |\n| --- | --- | --- |\n")
	for _, s := range list {
		within := ""
		if s.high > s.low {
			within = decimal(s.low) + " to " + decimal(s.high)
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", s.metric, decimal(s.value), within)
	}
	if o.Split == "" {
		return
	}
	pairs := text.Count(o.ValPairs, "pair")
	fmt.Fprintf(b, "\nThey are on the %s that split %s holds out of %s.", pairs, o.Split, plain(c.Data.corpus()))
	if o.LeakedPairs > 0 {
		fmt.Fprintf(b, " %s of them have a video that is in training pairs too.", text.Thousands(o.LeakedPairs))
	}
	if c.Recipe != nil && c.Recipe.Finetune.Select == recipe.SelectBest {
		b.WriteString(" The state with the best score on these pairs was selected.")
	}
	if o.ValError > 0 {
		b.WriteString(" The interval is that of one training; pairs that share a video are not taken as independent.\n")
	} else {
		b.WriteString(" The interval is that of one training and takes pairs as independent.\n")
	}
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
