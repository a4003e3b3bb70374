// SPDX-License-Identifier: Apache-2.0

package modelcard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

// yaml is the lines of a YAML mapping. Text is in double quotes, as in JSON, which YAML reads.
type yaml struct{ strings.Builder }

// line adds a key with a value, "" where the value is not known.
func (y *yaml) line(key, value string) {
	if value != "" && value != `""` {
		fmt.Fprintf(y, "%s: %s\n", key, value)
	}
}

// quoted is text from files as YAML.
func quoted(s string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text.OneLine(s)) // of a string, into memory
	return strings.TrimSpace(out.String())
}

// frontMatter is what programs read of the card: data, split, seed, scores, settings, and by what it was computed.
func (c Card) frontMatter() string {
	var y yaml
	y.WriteString("---\nlibrary_name: vsim\ntags:\n- video-similarity\n")
	y.line("stage", quoted(c.Stage))
	y.line("corpus", quoted(c.Data.corpus()))
	if len(c.Data.Parts) > 0 {
		y.line("corpus_parts", "["+strings.Join(c.Data.Parts, ", ")+"]")
	}
	y.line("corpus_fingerprint", quoted(c.Data.Identity.Corpus))
	y.line("vocabulary_sha256", quoted(c.Data.Vocab))
	y.line("initial_weights_sha256", quoted(c.Data.Init))
	y.line("teacher_embeddings_sha256", quoted(c.Data.Teacher))
	o := c.outcome()
	if o.Split != "" {
		fmt.Fprintf(&y, "split: {name: %s, fold: %d, train_pairs: %d, val_pairs: %d, leaked_pairs: %d}\n", o.Split, o.Fold,
			o.TrainPairs, o.ValPairs, o.LeakedPairs)
	}
	if seed := c.seed(); seed != nil {
		y.line("seed", strconv.FormatInt(*seed, 10))
	}
	if o.Steps > 0 {
		y.line("steps", strconv.Itoa(o.Steps))
	}
	y.scores(c.scores())
	y.computed(c)
	if c.Recipe != nil {
		y.WriteString("recipe:\n")
		for _, a := range c.settings() {
			y.line("  "+a.Name, settingValue(a.Value))
		}
	}
	y.WriteString("---\n")
	return y.String()
}

// settings are those of the recipe. Of a file the card has the name alone, as of the corpus.
func (c Card) settings() []recipe.Assignment {
	r := *c.Recipe
	if r.Finetune.Teacher != "" {
		r.Finetune.Teacher = filepath.Base(r.Finetune.Teacher)
	}
	return r.Assignments()
}

// scores lists them, each a mapping on a line.
func (y *yaml) scores(list []score) {
	if len(list) == 0 {
		return
	}
	y.WriteString("scores:\n")
	for _, s := range list {
		fmt.Fprintf(y, "- {metric: %s, part: validation, value: %s", s.metric, decimal(s.value))
		if s.pairs > 0 {
			fmt.Fprintf(y, ", pairs: %d", s.pairs)
		}
		if s.high > s.low {
			fmt.Fprintf(y, ", low: %s, high: %s, level: 0.95", decimal(s.low), decimal(s.high))
		}
		y.WriteString("}\n")
	}
}

// computed is by what the last process computed, and the seconds of all.
func (y *yaml) computed(c Card) {
	if len(c.Provenance) == 0 {
		return
	}
	last, seconds := c.Provenance[len(c.Provenance)-1], c.Provenance.Seconds()
	y.line("commit", quoted(last.Revision))
	if last.Modified {
		y.line("modified", "true")
	}
	y.line("backend", quoted(last.Backend))
	y.line("hardware", quoted(cmp.Or(last.Device, last.CPU)))
	y.line("processor", quoted(last.CPU))
	y.line("started", quoted(c.Provenance[0].Start))
	if seconds > 0 {
		y.line("seconds", strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64))
	}
}

// settingValue is the value of a setting as YAML: what is no JSON is text, or a list without its brackets. A setting without a
// value is left out.
func settingValue(value string) string {
	number, exponent, small := strings.Cut(value, "e-")
	switch {
	case value == "":
		return ""
	case small && json.Valid([]byte(value)) && !strings.Contains(value, "."): // YAML 1.1 takes 1e-12 for text
		return number + ".0e-" + exponent
	case json.Valid([]byte(value)):
		return value
	case json.Valid([]byte("[" + value + "]")):
		return "[" + value + "]"
	}
	return quoted(value)
}

// decimal has the four digits behind the point that scores have elsewhere.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
