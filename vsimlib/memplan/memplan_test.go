// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// sizedRecipe is the competition's sizes with what sets says on top.
func sizedRecipe(t *testing.T, sets string) recipe.Recipe {
	t.Helper()
	r, ok := recipe.Preset("demo")
	if !ok {
		t.Fatal("no preset demo")
	}
	const usual = "model.max_frames=32 model.max_text=36 model.hidden_size=256 model.num_hidden_layers=4 " +
		"model.intermediate_size=1024 pretrain.batch=32 "
	for _, set := range strings.Fields(usual + sets) {
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Resolve(recipe.CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAgainstCompiler compares the estimate with what XLA:CPU (the pinned plugin) plans for the compiled step: its arguments
// (weights, moments, sums, batch) and its temporaries, in MiB, as TestPlanned of package step prints them with VSIM_PLANS=all.
func TestAgainstCompiler(t *testing.T) {
	for _, c := range []struct {
		stage                Stage
		sets                 string
		arguments, temporary float64
	}{
		{Pretrain, "", 206.2, 327.8},
		{Pretrain, "pretrain.batch=64", 209.2, 582.8},
		{Pretrain, "model.num_hidden_layers=8", 242.3, 579.3},
		{Pretrain, "model.gradient_checkpointing=true", 206.2, 166.5},
		{Pretrain, "model.compute_dtype=bfloat16", 206.2, 282.0},
		{Pretrain, "model.compute_dtype=bfloat16 model.gradient_checkpointing=true", 206.2, 143.3},
		{Pretrain, "model.hidden_size=512 model.num_attention_heads=8 model.intermediate_size=2048", 484.0, 629.1},
		{Pretrain, "model.num_attention_heads=16", 206.2, 423.1},
		{Pretrain, "model.keep_padding=false", 206.2, 330.4},
		{Pretrain, "pretrain.accumulate=4", 270.9, 157.6},
		{Pretrain, "pretrain.weight_tag=0 pretrain.weight_mfm=0", 171.5, 294.4},
		{Pretrain, "pretrain.weight_tag=0 pretrain.weight_mlm=0", 113.9, 261.7},
		{Pretrain, "pretrain.weight_simcse=0.1", 206.6, 620.4},
		{Pretrain, "pretrain.ema=0.9", 273.9, 327.8},
		{Pretrain, "pretrain.ema=0.9 pretrain.accumulate=4", 338.6, 157.6},
		{Finetune, "finetune.batch=32", 112.0, 568.2},
		{Finetune, "finetune.batch=64", 118.0, 1103.1},
	} {
		t.Run(string(c.stage)+" "+c.sets, func(t *testing.T) {
			r := sizedRecipe(t, "model.keep_padding=true "+c.sets)
			m := OfPretrain(r, 1, backends.CPU)
			if c.stage == Finetune {
				m = OfFinetune(r, 1, backends.CPU)
			}
			const mib = 1 << 20
			planned := c.arguments + c.temporary
			if got := float64(m.Program()) / mib / planned; got < 0.9 || got > 1.1 {
				t.Errorf("%.0f MiB estimated, %.2f of the %.0f that XLA plans", float64(m.Program())/mib, got, planned)
			}
			if state := float64(m.Program()-m.Temporaries) / mib; state > 1.01*c.arguments || state < 0.97*c.arguments {
				t.Errorf("%.1f MiB of arguments, XLA's %.1f", state, c.arguments)
			}
			if least := float64(m.Least()) / mib; least > planned {
				t.Errorf("at least %.0f MiB, though XLA plans %.0f", least, planned)
			}
		})
	}
}

// gpuCases are cases of docker/gpu-aot that compile the paper's pretraining step, with the settings that they have.
var gpuCases = map[string]string{
	"middle":               smaller,
	"middle-checkpointing": smaller + " model.gradient_checkpointing=true",
	"large":                "pretrain.batch=128",
	"large-checkpointing":  "pretrain.batch=128 model.gradient_checkpointing=true",
	"large-packing":        "pretrain.batch=128 model.pooling=masked_mean",
}

const smaller = "model.hidden_size=256 model.num_hidden_layers=4 model.num_attention_heads=4 model.intermediate_size=1024 pretrain.batch=32"

// TestAgainstGPUPlans compares the estimate with what XLA:GPU's compiler planned for GPUs that were not there (docker/gpu-aot).
func TestAgainstGPUPlans(t *testing.T) {
	var summary struct {
		Rows []struct {
			Case, Arithmetic, Target string
			Arguments, Temporaries   int64
		}
	}
	if err := jsonfile.Read(filepath.Join("..", "..", "docker", "gpu-aot", "summary.json"), &summary); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, row := range summary.Rows {
		sets, ok := gpuCases[row.Case]
		if !ok {
			continue
		}
		found++
		r, _ := recipe.Preset("paper")
		if row.Arithmetic == recipe.BFloat16 {
			sets += " model.compute_dtype=bfloat16"
		}
		for _, set := range strings.Fields(sets) {
			if err := r.Set(set); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Resolve(recipe.CompetitionSizes); err != nil {
			t.Fatal(err)
		}
		m, planned := OfPretrain(r, 1, backends.CUDA), row.Arguments+row.Temporaries
		if ratio := float64(m.Program()) / float64(planned); ratio < 0.9 || ratio > 1.1 {
			t.Errorf("%s in %s for %s: %d bytes estimated, %.3f of the %d that XLA plans", row.Case, row.Arithmetic, row.Target,
				m.Program(), ratio, planned)
		} else {
			t.Logf("%s in %s for %s: %.3f", row.Case, row.Arithmetic, row.Target, ratio)
		}
	}
	if found < 4 {
		t.Errorf("%d plans in summary.json, want 4 or more", found)
	}
}

// BERT-large at the competition's sizes has 356 million weights in pretraining: 303 in its layers, 22 in its words, 22 in the word
// head's decoder and 10 in the tags' head are most of them.
func TestMemoryOfBERTLarge(t *testing.T) {
	r, ok := recipe.Preset("paper")
	if !ok {
		t.Fatal("no preset paper")
	}
	if err := r.Resolve(recipe.CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	m := OfPretrain(r, 1, backends.CPU)
	if n := m.Weights / 4; n < 355e6 || n > 367e6 {
		t.Errorf("%d weights", n)
	}
	if f := OfFinetune(r, 1, backends.CPU); f.Weights >= m.Weights-4*33e6 || f.Weights < 4*320e6 {
		t.Errorf("%d bytes of weights in finetuning, %d in pretraining", f.Weights, m.Weights)
	}
	whole := m.Temporaries
	r.Model.ComputeDType = recipe.BFloat16
	if half := OfPretrain(r, 1, backends.CUDA).Temporaries; half >= 3*whole/4 || half <= whole/3 {
		t.Errorf("temporaries in bfloat16 on a GPU %d, %d in float32 on a CPU", half, whole)
	}
	r.Pretrain.Accumulate = 4
	if m := OfPretrain(r, 2, backends.CUDA); m.Temporaries-m.Gradients > whole/8 {
		t.Errorf("an eighth of the batch has %d bytes besides the gradients, the whole %d", m.Temporaries-m.Gradients, whole)
	}
}

// TestExtremes: whatever a recipe's settings are, the estimate neither overflows nor is below what its weights take.
func TestExtremes(t *testing.T) {
	draw := rand.New(rand.NewPCG(12, 3))
	size := func(limit int) int { return 1 + draw.IntN(1+draw.IntN(limit)) }
	for range 500 {
		p := having(t, 1<<30, "")
		p.Devices = size(64)
		m := &p.Recipe.Model
		m.VocabSize, m.MaxPositionEmbeddings, m.HiddenSize = size(1<<24), size(1<<20), size(1<<16)
		m.IntermediateSize, m.NumHiddenLayers, m.NumAttentionHeads = size(1<<20), size(50), size(1<<16)
		m.MaxFrames, m.MaxText, m.FrameDim, m.NumTags = size(1<<16), size(1<<16), size(1<<20), size(1<<24)
		m.EmbeddingDim = size(1 << 20)
		p.Recipe.Pretrain.Batch, p.Recipe.Finetune.Batch = size(1<<24), size(1<<24)
		for _, p.Stage = range []Stage{Pretrain, Finetune} {
			all, largest := weightsOf(*m, func(string) bool { return true })
			e, weights := p.memory(p.Recipe), times(4, all+2*largest)
			if e.Weights <= 0 || e.Batch <= 0 || e.Temporaries <= 0 || e.Least() < e.Weights || e.Total() < e.Least() || weights <= 0 {
				t.Fatalf("%+v: %+v, weights %d", p.Recipe, e, weights)
			}
			p.Fresh = true
			if b := p.budget(p.Recipe); b.least < min(e.Least(), tooMuch) || b.total < b.least || b.held != 0 {
				t.Fatalf("%+v: %+v of %+v", p.Recipe, b, e)
			}
		}
	}
}

// TestFresh: weights that are not drawn yet are part of what is needed.
func TestFresh(t *testing.T) {
	p := having(t, 300<<20, "")
	if _, err := p.Check(); err != nil {
		t.Fatal(err)
	}
	p.Available = func() (int64, string) { return p.memory(p.Recipe).Least() - 1, "a test" }
	if _, err := p.Check(); err != nil {
		t.Errorf("with the weights in memory: %v", err)
	}
	p.Fresh = true
	if _, err := p.Check(); err == nil || strings.Contains(err.Error(), "besides the weights") {
		t.Errorf("without them: %v", err)
	}
}

// TestCheckWeights names what the weights of a model take that no machine has.
func TestCheckWeights(t *testing.T) {
	r := sizedRecipe(t, "")
	if err := CheckWeights(r.Model); err != nil {
		t.Error(err)
	}
	r.Model.VocabSize, r.Model.HiddenSize = 1<<24, 1<<16
	if err := CheckWeights(r.Model); err == nil || !strings.Contains(err.Error(), "weights take") {
		t.Error(err)
	}
	// Before a model is loaded its configuration suffices. What is wrong with that, loading says.
	dir := t.TempDir()
	if err := CheckLoad(dir); err != nil {
		t.Error(err)
	}
	if err := jsonfile.Write(filepath.Join(dir, run.ConfigFile), r.Model); err != nil {
		t.Fatal(err)
	}
	if err := CheckLoad(dir); err == nil || !strings.HasPrefix(err.Error(), dir+": out of memory: the model's weights take") {
		t.Error(err)
	}
}

// having is the plan of a pretraining step with this much memory available.
func having(t *testing.T, available int64, sets string) Plan {
	t.Helper()
	return Plan{Stage: Pretrain, Recipe: sizedRecipe(t, sets), Kind: backends.Go,
		Available: func() (int64, string) { return available, "a test" }}
}

func TestCheck(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name      string
		available int64
		sets      string
		warn      []string // in the warning
		fail      []string // in the error
	}{
		{"fits", 4000 * mib, "", nil, nil},
		{"unknown", 0, "", nil, nil},
		{"checkpointing or two halves suffice", 420 * mib, "", []string{"memory may not suffice",
			"420 MiB are available (a test) besides the weights",
			"less with model.gradient_checkpointing=true, or pretrain.accumulate=2"}, nil},
		{"only small micro-batches suffice", 400 * mib, "pretrain.batch=128",
			[]string{"less with pretrain.accumulate=8"}, nil},
		{"nothing suffices", 300 * mib, "",
			[]string{"takes least with model.gradient_checkpointing=true"}, nil},
		{"already checkpointed", 450 * mib, "model.gradient_checkpointing=true pretrain.batch=128",
			[]string{"pretrain.accumulate="}, nil},
		{"no way", 100 * mib, "", nil, []string{"pretrain: out of memory: a step takes", "at least", "weights 68 MiB",
			"moments 135 MiB", "(a test)", "smaller model"}},
		{"one video", 100 * mib, "pretrain.batch=1 model.gradient_checkpointing=true", nil,
			[]string{"only a smaller model, a smaller batch or more memory"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			warnings, err := having(t, c.available, c.sets).Check()
			warning := strings.Join(warnings, "")
			if (err != nil) != (c.fail != nil) || (warning != "") != (c.warn != nil) {
				t.Fatalf("error %v, warning %q", err, warning)
			}
			text := warning + fmt.Sprint(err)
			for _, part := range append(c.warn, c.fail...) {
				if !strings.Contains(text, part) {
					t.Errorf("no %q in %q", part, text)
				}
			}
		})
	}
}

// TestFewExamples: no step is estimated larger than the examples that there are, and only what divides them is advised.
func TestFewExamples(t *testing.T) {
	p, few := having(t, 600<<20, "pretrain.batch=100000"), having(t, 600<<20, "pretrain.batch=30")
	p.Examples = []int{30}
	if a, b := p.memory(p.Recipe), few.memory(few.Recipe); a != b {
		t.Errorf("%+v for 30 videos, %+v for a batch of 30", a, b)
	}
	if warnings, err := p.Check(); err != nil || len(warnings) == 0 ||
		warnings[0] != "pretrain.batch 100000 exceeds the corpus' 30 videos: each epoch is one step" {
		t.Errorf("warnings %q, error %v", warnings, err)
	}
	if list := fmt.Sprint(p.splits()); list != "[[pretrain.accumulate=2] [pretrain.accumulate=5] [pretrain.accumulate=10]]" {
		t.Errorf("splits %s", list)
	}
	p.Examples = []int{1147} // 31·37
	if list := p.splits(); list != nil {
		t.Errorf("splits %v", list)
	}
	p.Examples, p.Recipe.Pretrain.Batch = []int{1147, 30}, 40
	warnings, _ := p.Check()
	if list := fmt.Sprint(p.splits()); list != "[[pretrain.accumulate=2] [pretrain.accumulate=5] [pretrain.accumulate=10]]" ||
		!strings.Contains(strings.Join(warnings, ""), "exceeds the 30 videos of pairwise") {
		t.Errorf("splits %s, warnings %q", list, warnings)
	}
}

// TestAdviceFits: what is advised fits by the same estimate, and keeps the batch.
func TestAdviceFits(t *testing.T) {
	for _, available := range []int64{350, 370, 390, 410, 450, 500} {
		p := having(t, available<<20, "")
		b := p.budget(p.Recipe)
		for _, advice := range strings.Split(strings.TrimPrefix(p.advice(b), "the same effective batch takes less with "), ", or ") {
			r := p.Recipe.Clone()
			for _, set := range strings.Split(advice, " with ") {
				if err := r.Set(set); err != nil {
					t.Fatalf("%d MiB: %v", available, err)
				}
			}
			if err := r.Validate(); err != nil || r.Pretrain.Batch != 32 {
				t.Errorf("%d MiB: %s: %v", available, advice, err)
			}
			if got := p.budget(r); got.exceeded(got.total) {
				t.Errorf("%d MiB: %s takes %d MiB", available, advice, got.total>>20)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	p := having(t, 4000<<20, "")
	for _, text := range []string{"RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes", "Failed to allocate request for 2.00GiB",
		"OUT_OF_MEMORY: out of memory"} {
		err := p.Explain(errors.New("failed to run a graph: " + text + "\n stack\n more"))
		for _, part := range []string{"out of memory: a step takes", "3.9 GiB are available", "model.gradient_checkpointing=true",
			"pretrain.accumulate=2", "the backend says: " + text} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("no %q in %q", part, err)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one line: %q", err)
		}
	}
	other := errors.New("INVALID_ARGUMENT: shapes differ")
	if p.Explain(other) != other || p.Explain(nil) != nil {
		t.Error("an error of another kind is explained")
	}
}

// Memory is not to be had by splitting a batch that is one loss.
func TestAdviceWithoutSplits(t *testing.T) {
	p := having(t, 1<<20, "finetune.loss=softmax_pearson")
	p.Stage = Finetune
	kinds, joined := p.variants()
	for _, kind := range append(kinds, joined) {
		for _, sets := range kind {
			for _, set := range sets {
				if set == "finetune.accumulate=2" {
					t.Error("advises to accumulate")
				}
			}
		}
	}
	p.Recipe.Finetune.Loss = recipe.LossMSE
	if kinds, _ := p.variants(); len(kinds[len(kinds)-1]) == 0 {
		t.Error("no longer advises to accumulate mse")
	}
	if splits := having(t, 1<<20, ownTask).splits(); len(splits) > 0 {
		t.Errorf("advises %s with a task of the user's", splits)
	}
}

const ownTask = "model.keep_padding=true pretrain.own_task=own:0123456789abcdef pretrain.weight_own=1"

// TestOwnTask: a task of the user's reads the last layer at all positions, whatever the others read.
func TestOwnTask(t *testing.T) {
	const masked = " pretrain.weight_tag=0 pretrain.weight_mfm=0"
	for _, kind := range []string{backends.CPU, backends.CUDA} {
		few := OfPretrain(sizedRecipe(t, "model.keep_padding=true"+masked), 1, kind)
		own := OfPretrain(sizedRecipe(t, ownTask+masked), 1, kind)
		if own.Temporaries <= few.Temporaries {
			t.Errorf("%s: %d bytes, and without the task %d", kind, own.Temporaries, few.Temporaries)
		}
	}
}
