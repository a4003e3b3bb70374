// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
)

// pretrained writes a run directory with a made-up log of n steps, the last line torn as after a kill.
func pretrained(t *testing.T, dir string, n int) run.Dir {
	t.Helper()
	var log strings.Builder
	for i := 1; i <= n; i++ {
		wave := 1 + 0.1*math.Sin(float64(7*i))
		fall := math.Exp(-float64(i) / 60)
		fmt.Fprintf(&log, `{"step":%d,"epoch":%g,"loss":%g,"loss_tag":%g,"loss_mlm":%g,"loss_mfm":%g,"lr":0.001}`+"\n",
			i, float64(i)/35, 20*fall*wave+3, 0.6*fall*wave+0.02, 6*fall*wave+4, 3*fall*wave+1)
		if i%35 == 0 {
			fmt.Fprintf(&log, `{"step":%d,"epoch":%d,"val_loss":%g,"val_loss_tag":%g}`+"\n", i, i/35, 19*fall+3, 0.55*fall+0.02)
		}
	}
	return written(t, dir, log.String()+`{"step":`, "")
}

func finetuned(t *testing.T, dir string, n int) run.Dir {
	t.Helper()
	var log strings.Builder
	for i := 1; i <= n; i++ {
		fall := math.Exp(-float64(i) / 50)
		fmt.Fprintf(&log, `{"step":%d,"epoch":%g,"loss":%g}`+"\n", i, float64(i)/float64(n)*2, 0.1*fall+0.05+0.01*math.Cos(float64(i)))
		if i%30 == 0 {
			fmt.Fprintf(&log, `{"step":%d,"val_mse":%g,"val_spearman":%g}`+"\n", i, 0.09*fall+0.07, 0.62-0.4*fall)
		}
	}
	return written(t, dir, log.String(), `{"selected_step": 60, "val_spearman": 0.5}`)
}

func written(t *testing.T, path, metrics, result string) run.Dir {
	t.Helper()
	dir := run.Dir(path)
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir.Metrics(), []byte(metrics), 0o644); err != nil {
		t.Fatal(err)
	}
	if result != "" {
		if err := os.WriteFile(dir.Result(), []byte(result), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// labelled writes embeddings on a circle and labels that fall with the angle, and returns both files.
func labelled(t *testing.T, dir string, levels int) (string, string) {
	t.Helper()
	set := &embeddings.Set{Dim: 2}
	var labels strings.Builder
	for i := range 200 {
		angle := float64(i) / 200 * math.Pi / 2
		set.IDs = append(set.IDs, int64(i+1))
		set.Data = append(set.Data, float32(math.Cos(angle)), float32(math.Sin(angle)))
		if i > 0 {
			level := math.Round((1-float64(i)/200)*float64(levels-1)) / float64(levels-1)
			fmt.Fprintf(&labels, "1\t%d\t%g\n", i+1, math.Round(level*1e6)/1e6)
		}
	}
	e, l := filepath.Join(dir, "e.safetensors"), filepath.Join(dir, "label.tsv")
	if err := set.Write(e); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l, []byte(labels.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return e, l
}

func resultsFile(t *testing.T, dir string, scores []map[string]any) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"scores": scores})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "results.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// figures is one of each kind, made from files in dir.
func figures(t *testing.T, dir string) map[string]figure.Figure {
	t.Helper()
	e, l := labelled(t, dir, 21)
	scores := resultsFile(t, dir, []map[string]any{
		{"model": "member1", "split": "strict validation", "pairs": 400, "leaked_pairs": 0, "spearman": 0.52, "mse": 0.08},
		{"model": "=cmd()", "split": "strict validation", "pairs": 400, "leaked_pairs": 0, "spearman": 0.54, "mse": 0.08},
		{"model": "member1", "split": "test_a", "pairs": 2893, "leaked_pairs": 0, "spearman": 0.611, "mse": 0.07},
		{"model": "=cmd()", "split": "test_a", "pairs": 2893, "leaked_pairs": 0, "spearman": 0.601, "mse": 0.07},
	})
	return map[string]figure.Figure{
		"pretraining": Pretraining(pretrained(t, filepath.Join(dir, "member1", "pretrain"), 350)),
		"two": Pretraining(pretrained(t, filepath.Join(dir, "a<b>", "pretrain"), 140),
			pretrained(t, filepath.Join(dir, "other"), 70)),
		"finetuning": Finetuning(finetuned(t, filepath.Join(dir, "member1", "finetune"), 200),
			finetuned(t, filepath.Join(dir, "member2", "finetune"), 200)),
		"cosine":   CosineByLabel(e, l),
		"scores":   Scores(scores),
		"one step": Pretraining(pretrained(t, filepath.Join(dir, "short"), 1)),
	}
}

func TestFigures(t *testing.T) {
	dir := t.TempDir()
	for name, figure := range figures(t, dir) {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(dir, "out", "new")
			first, alt, err := figure.Write(folder, name)
			if err != nil {
				t.Fatal(err)
			}
			second := filepath.Join(dir, "again")
			if testing.Short() && name != "finetuning" { // one of them shows that drawing again gives the same bytes
				second = folder
			} else if again, _, err := figure.Write(second, name); err != nil || !bytes.Equal(first, again) {
				t.Errorf("the second PNG differs (%v)", err)
			}
			for _, extension := range []string{".png", ".svg", ".csv"} {
				a, err := os.ReadFile(filepath.Join(folder, name+extension))
				if err != nil {
					t.Fatal(err)
				}
				b, _ := os.ReadFile(filepath.Join(second, name+extension))
				if !bytes.Equal(a, b) || len(a) == 0 {
					t.Errorf("%s: %d and %d bytes, want the same", extension, len(a), len(b))
				}
				if extension == ".svg" {
					wellFormed(t, a)
				}
			}
			if shades := shadesOf(t, first); shades < 5 {
				t.Errorf("the PNG has %d shades: it is blank", shades)
			}
			if !strings.HasSuffix(alt, ".") || strings.Contains(alt, "NaN") || len(alt) < 40 {
				t.Errorf("alt text %q", alt)
			}
		})
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	titles := 0
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "title" {
			titles++
		}
	}
	if titles != 1 || bytes.Contains(svg, []byte("<b>")) {
		t.Errorf("%d titles", titles)
	}
}

func shadesOf(t *testing.T, data []byte) int {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	shades := map[any]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 2 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			shades[img.At(x, y)] = true
		}
	}
	return len(shades)
}

func TestNumbersBesideTheFigure(t *testing.T) {
	dir := t.TempDir()
	log := `{"step":1,"epoch":0.5,"loss":1}
{"step":2,"epoch":1,"loss":2}
{"step":2,"epoch":1,"val_mse":0.25,"val_spearman":0.5}
{"step":3,"epoch":1.5,"loss":6}
`
	figure := Finetuning(written(t, filepath.Join(dir, "+m", "finetune"), log, ""))
	if _, _, err := figure.Write(dir, "f"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "f.csv"))
	if err != nil {
		t.Fatal(err)
	}
	// Smoothed by hand: the window of five steps takes all three. The name is made inert.
	want := `run,series,step,value,smoothed
'+m,loss,1,1,3
'+m,loss,2,2,3
'+m,loss,3,6,3
'+m,val_mse,2,0.25,
'+m,val_spearman,2,0.5,
`
	if string(data) != want {
		t.Errorf("CSV\n%s, want\n%s", data, want)
	}
}

func TestSmooth(t *testing.T) {
	if got := window(100); got != 5 {
		t.Errorf("window(100) = %d", got)
	}
	if got := window(1200); got != 41 {
		t.Errorf("window(1200) = %d", got)
	}
	line := make([]float64, 301)
	for i := range line {
		line[i] = 3 - 0.5*float64(i)
	}
	for i, v := range smooth(line) { // a straight line stays one, away from its ends
		if i >= 5 && i <= 295 && math.Abs(v-line[i]) > 1e-9 {
			t.Fatalf("smoothed[%d] = %g, want %g", i, v, line[i])
		}
	}
	if got := smooth([]float64{1, 2, 6, 3, 8, 4}); got[0] != 3 || got[2] != 4 || got[5] != 5 { // by hand, five at a time
		t.Errorf("smoothed %v", got)
	}
	if got := smooth(nil); len(got) != 0 {
		t.Errorf("smooth(nil) = %v", got)
	}
}

func TestBoxes(t *testing.T) {
	pairs := []corpus.Pair{{Score: 1}, {Score: 0}, {Score: 1}, {Score: 1}, {Score: 1}}
	got := boxesOf(pairs, []float64{4, -1, 1, 3, 2})
	if len(got) != 2 || got[0].pairs != 1 || got[0].at[2] != -1 || got[1].label != 1 {
		t.Fatalf("boxes %+v", got)
	}
	// numpy.quantile([1,2,3,4], [.05,.25,.5,.75,.95]) = 1.15 1.75 2.5 3.25 3.85
	for i, want := range []float64{1.15, 1.75, 2.5, 3.25, 3.85} {
		if math.Abs(got[1].at[i]-want) > 1e-12 {
			t.Errorf("quantile %g = %g, want %g", boxQuantiles[i], got[1].at[i], want)
		}
	}
	e, l := labelled(t, t.TempDir(), 150)
	d, err := CosineByLabel(e, l).Drawing()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Rows) != 21 {
		t.Errorf("150 levels give %d boxes, want twentieths", len(d.Rows))
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	e, l := labelled(t, dir, 21)
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := written(t, filepath.Join(dir, "broken"),
		`{"step":1,"loss":1}`+"\n"+`{"step":2,"val_spearman":0.1,"val_mse":1}`+"\n", "{")
	for name, c := range map[string]struct {
		figure figure.Figure
		want   string
	}{
		"none":       {figure.Figure{}, "an empty figure"},
		"no run":     {Pretraining(), "no run to draw"},
		"no log":     {Finetuning(run.Dir(filepath.Join(dir, "nowhere"))), "no such file"},
		"empty log":  {Pretraining(written(t, filepath.Join(dir, "empty"), "", "")), "no step is logged yet"},
		"bad result": {Finetuning(broken), "result.json"},
		"no file":    {CosineByLabel(filepath.Join(dir, "no.safetensors"), l), "no such file"},
		"no labels":  {CosineByLabel(e, filepath.Join(dir, "no.tsv")), "no such file"},
		"not JSON":   {Scores(bad), "bad.json"},
		"no scores":  {Scores(resultsFile(t, dir, nil)), "no scores"},
	} {
		_, _, err := c.figure.Write(dir, "f")
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	for _, name := range []string{"", "a/b", "..", ".hidden"} {
		if _, _, err := CosineByLabel(e, l).Write(dir, name); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "f.png")); err == nil {
		t.Error("a failed figure left a file")
	}
}

// TestScoresTitle: one model is no ensemble.
func TestScoresTitle(t *testing.T) {
	list := []results.Score{{Model: "mine", Split: "test_a", Spearman: .5}, {Model: "mine", Split: "validation", Spearman: .6}}
	for want, scores := range map[string][]results.Score{"The model mine (E11)": list,
		"Members and their ensemble (E11)": append(list, results.Score{Model: "other", Split: "test_a", Spearman: .4})} {
		d, err := drawScores(scores)
		if err != nil || d.Panels[0][0].Title.Text != want {
			t.Errorf("title of %d scores: %v, want %s", len(scores), err, want)
		}
	}
}
