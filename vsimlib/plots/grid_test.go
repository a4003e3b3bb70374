// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/plots/figure"
)

// section writes a results file with one key.
func section(t *testing.T, key string, value any) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{key: value, "scale": "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestGrids draws every figure of cells from a made-up file: a picture, its numbers, and what it shows in words.
func TestGrids(t *testing.T) {
	record := map[string]any{"title": "狐狸", "frames": [][]float64{{0, 1, -5}, {0.5, 1, -1}},
		"cosines": [][]float64{{1, 0.25}, {0.25, 1}}}
	batch := map[string]any{"kinds": []string{"padding", "special token", "word", "m", "r", "k", "frame", "zeroed"},
		"places": [][]int{{1, 6, 7, 2, 3}, {1, 6, 0, 4, 5}}, "segment": [][]int32{{0, 0, 0, 1, 1, -1}}}
	attention := map[string]any{"labels": []string{"[CLS]", "frame 1", "狐"},
		"layers": [][][]float64{{{0.5, 0.25, 0.25}, {0.2, 0.3, 0.5}, {0, 0, 1}}}}
	for name, c := range map[string]struct {
		figure     figure.Figure
		rows       int // of numbers, the header with them
		alt, value string
	}{
		"frames": {Frames(section(t, "record", record)), 7, "0.25 between the first and the last", "1,3,-5"},
		"masks":  {Masks(section(t, "minibatch", batch)), 11, "word 1; m 1; r 1; k 1; frame 2; zeroed 1;", "1,3,zeroed"},
		"packed": {Packed(section(t, "minibatch", batch)), 7,
			"2 videos side by side in 1 rows of 6 positions, of which 1 are fillers", "1,4,2"},
		"attention": {Attention(section(t, "attention", attention)), 10, "3 positions", "1,2,3,frame 1,狐,0.5"},
	} {
		dir := t.TempDir()
		data, alt, err := c.figure.Write(dir, name)
		if err != nil || !strings.Contains(alt, c.alt) {
			t.Errorf("%s: alt %q, %v", name, alt, err)
			continue
		}
		if img, err := png.Decode(bytes.NewReader(data)); err != nil || img.Bounds().Dx() < 400 {
			t.Errorf("%s: %v", name, err)
		}
		numbers, err := os.ReadFile(filepath.Join(dir, name+".csv"))
		if err != nil || strings.Count(string(numbers), "\n") != c.rows || !strings.Contains(string(numbers), "\n"+c.value+"\n") {
			t.Errorf("%s: numbers %s, %v", name, numbers, err)
		}
		if len(data) > 120_000 {
			t.Errorf("%s is of %d bytes", name, len(data))
		}
	}
	for name, figure := range map[string]figure.Figure{
		"no key":    Masks(section(t, "record", record)),
		"no frames": Frames(section(t, "record", map[string]any{"frames": [][]float64{}})),
		"ragged frames": Frames(section(t, "record", map[string]any{"frames": [][]float64{{1}, {1, 2}},
			"cosines": [][]float64{{1}, {1}}})),
		"odd kind":   Masks(section(t, "minibatch", map[string]any{"kinds": make([]string, 8), "places": [][]int{{9}}})),
		"not packed": Packed(section(t, "minibatch", map[string]any{"kinds": make([]string, 8), "places": [][]int{{1}}})),
		"no layers":  Attention(section(t, "attention", map[string]any{"labels": []string{"a"}})),
		"odd layer":  Attention(section(t, "attention", map[string]any{"labels": []string{"a"}, "layers": [][][]float64{{{1}, {1}}}})),
		"no file":    Frames("none.json"),
	} {
		if _, _, err := figure.Write(t.TempDir(), "f"); err == nil {
			t.Errorf("%s is drawn", name)
		}
	}
}

// TestBrief shortens labels to letters that the figures' font has.
func TestBrief(t *testing.T) {
	if got := strings.Join(brief([]string{"[CLS]", "frame 12", "[SEP]", "狐", "##a"}), " "); got != "C f12 S t1 t2" {
		t.Errorf("brief labels %s", got)
	}
}

// TestLossPartsAndLabels draws the two figures of lines that read a run's recipe or a results file.
func TestLossPartsAndLabels(t *testing.T) {
	dir := pretrained(t, filepath.Join(t.TempDir(), "m", "pretrain"), 70)
	if _, _, err := LossParts(dir).Write(t.TempDir(), "f"); err == nil {
		t.Error("parts without weights")
	}
	if err := os.WriteFile(dir.Recipe(), []byte(`{"pretrain":{"weight_tag":20,"weight_mlm":0.25,"weight_mfm":0}}`),
		0o644); err != nil {
		t.Fatal(err)
	}
	levels := []map[string]any{{"label": 0, "pairs": 1500, "rank_normalised": 0},
		{"label": 0.5, "pairs": 20, "rank_normalised": 0.6}, {"label": 1, "pairs": 80, "rank_normalised": 1}}
	for name, c := range map[string]struct {
		figure     figure.Figure
		alt, value string
	}{
		"parts":  {LossParts(dir), "tags 1", "m,weight_tag × loss_tag,1,"},
		"labels": {Labels(section(t, "labels", levels)), "1,500 pairs have 0, 80 have 1", "0.5,20,0.6"},
	} {
		dir := t.TempDir()
		_, alt, err := c.figure.Write(dir, name)
		numbers, read := os.ReadFile(filepath.Join(dir, name+".csv"))
		if err != nil || read != nil || !strings.Contains(alt, c.alt) || !strings.Contains(string(numbers), "\n"+c.value) ||
			strings.Contains(string(numbers), "weight_mfm") {
			t.Errorf("%s: %q, %v, %.200s", name, alt, err, numbers)
		}
	}
	if _, _, err := Labels(section(t, "labels", levels[:1])).Write(t.TempDir(), "f"); err == nil {
		t.Error("one level is drawn")
	}
}
