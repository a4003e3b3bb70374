// SPDX-License-Identifier: Apache-2.0

package diagram

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"vsim/vsimlib/recipe"
)

// resolved is a preset with settings, on a corpus of the competition's sizes.
func resolved(t *testing.T, preset string, set ...string) recipe.Recipe {
	t.Helper()
	r, ok := recipe.Preset(preset)
	if !ok {
		t.Fatal(preset)
	}
	for _, s := range set {
		if err := r.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Resolve(recipe.CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	return r
}

// texts parses the SVG and returns the texts in it.
func texts(t *testing.T, svg string) string {
	t.Helper()
	var out strings.Builder
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			out.Write(token)
		case xml.EndElement:
			if token.Name.Local == "text" {
				out.WriteByte('\n')
			}
		}
	}
}

// TestModel: shapes in letters and numbers, layers, heads, poolings, and the losses with their weights.
func TestModel(t *testing.T) {
	d := Of(resolved(t, "paper"))
	got := texts(t, d.SVG)
	for _, want := range []string{"B × F × R = 128 × 32 × 1,536", "B × T = 128 × 36", "R → H = 1,536 → 1,024",
		"V × H = 21,128 × 1,024", "24 × one layer",
		"[CLS]\nframe 1 … frame 32\n[SEP]\ntitle\n[SEP]\npadding\n", "S = 68 positions", "A = 16 heads of width H/A = 64",
		"1,024 → 4,096 → 1,024", "B × S × H = 128 × 68 × 1,024", "pooling: mean", "B × D = 128 × 256", "H → G = 1,024 → 10,000",
		"0.267 Lmlm", "0.111 Lmfm", "417 Ltag", "finetuning  (E6)"} {
		if !strings.Contains(strings.ReplaceAll(got, "\u200b", ""), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, want := range []string{"128 × 68 × 1,024", "layout cls_first", "24 layers", "pooling mean", "state at [CLS]", "loss mse"} {
		if !strings.Contains(d.Alt, want) || !strings.Contains(d.SVG, "<title>") {
			t.Errorf("no %q in the description %s", want, d.Alt)
		}
	}
	if !strings.Contains(d.Caption, "H = 1,024 width of a state") || !strings.Contains(d.HTML(), "<figcaption") {
		t.Errorf("caption %s", d.Caption)
	}
}

// TestVariants: what a setting changes is drawn.
func TestVariants(t *testing.T) {
	for set, want := range map[string]string{
		"model.layout=frames_first":        "frame 1 … frame 8\n[CLS]\ntitle\n[SEP]\n",
		"model.tag_input=embedding":        "from the embedding\nD → G = 128 → 10,000",
		"model.pooling=masked_attention":   "pooling: masked attention",
		"model.pooling=cls":                "pooling: cls",
		"model.max_asr=8":                  "title\n[SEP]\nspeech\n[SEP]\n",
		"model.keep_padding=true":          "padding\n",
		"pretrain.weight_simcse=0.5":       "0.5 Lsimcse (E13)",
		"finetune.loss=softmax_pearson":    "finetuning  (E12)",
		"finetune.loss=cosent":             "finetuning  (E14)",
		"pretrain.mlm_probability=0.25":    "25% of the tokens",
		"model.num_hidden_layers=1":        "1 × one layer",
		"model.compute_dtype=bfloat16":     "BERT encoder",
		"pretrain.mfm_probability=0.12345": "12.3% of the frames",
	} {
		if got := strings.ReplaceAll(texts(t, Of(resolved(t, "demo", set)).SVG), "\u200b", ""); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", set, want, got)
		}
	}
	off := Of(resolved(t, "demo", "pretrain.weight_mfm=0")).SVG
	if strings.Count(off, `<g opacity="0.35">`) != 1 || strings.Count(off, "</g>") != 1 || strings.Contains(texts(t, off), "Lmfm") {
		t.Errorf("a task that is off:\n%s", off)
	}
	r, _ := recipe.Preset("demo") // on no corpus
	if got := texts(t, Of(r).SVG); !strings.Contains(got, "B × F × R, float16\n") || !strings.Contains(got, "G/24 L") {
		t.Errorf("without sizes:\n%s", got)
	}
}

// TestFits: no line is wider than its box, by the mean width of characters of a wide sans serif, 0.58 of its size.
func TestFits(t *testing.T) {
	for _, preset := range recipe.Presets() {
		m := model{Recipe: resolved(t, preset, "finetune.loss=softmax_pearson", "model.pooling=masked_attention")}
		m.sizes = map[string]int{"H": 1024, "G": 10000, "D": 256, "B": 128}
		lines := []string{m.pairLoss().short, "pooling: " + words(m.Model.Pooling), m.shape("B", "D")}
		for _, task := range m.tasks() {
			lines = append(append(lines, task.title), task.lines...)
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); float64(n)*14*0.58 > column {
				t.Errorf("%q has %d characters, too many for a box of "+strconv.Itoa(column), line, n)
			}
		}
	}
}

// TestHostile: text of a recipe is no markup.
func TestHostile(t *testing.T) {
	r := resolved(t, "demo")
	r.Finetune.Loss = `<script>alert(1)</script>` + "\x1b"
	if d := Of(r); strings.Contains(d.HTML(), "<script>") || strings.Contains(d.HTML(), "\x1b") {
		t.Errorf("%s", d.HTML())
	}
}
