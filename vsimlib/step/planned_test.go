// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
)

// plansVar asks for the plans of larger models too, where it is "all"; each compiles for some seconds.
const plansVar = "VSIM_PLANS"

// The sizes of most cases of TestPlanned.
const middle = "model.keep_padding=true model.max_frames=32 model.max_text=36 model.hidden_size=256 model.num_hidden_layers=4 " +
	"model.intermediate_size=1024 pretrain.batch=32"

// planCases are recipes: a preset, and settings.
var planCases = []struct {
	stage        memplan.Stage
	preset, sets string
	large        bool
}{
	{memplan.Pretrain, "tiny", "", false},
	{memplan.Pretrain, "tiny", "model.keep_padding=true model.gradient_checkpointing=true", true},
	{memplan.Pretrain, "tiny", "pretrain.accumulate=2", true},
	{memplan.Pretrain, "tiny", "pretrain.ema=0.9 pretrain.layer_decay=0.8", true},
	{memplan.Finetune, "tiny", "", false},
	{memplan.Pretrain, "demo", "", true},
	{memplan.Pretrain, "demo", "model.pooling=attention model.tag_input=embedding", true},
	{memplan.Pretrain, "demo", "pretrain.accumulate=4", true},
	{memplan.Finetune, "demo", "", true},
	{memplan.Finetune, "demo", "model.compute_dtype=bfloat16", true},
	{memplan.Finetune, "demo", "finetune.accumulate=4", true},
	{memplan.Finetune, "demo", "model.gradient_checkpointing=true", true},
	{memplan.Pretrain, "demo", middle, true},
	{memplan.Pretrain, "demo", middle + " pretrain.batch=64", true},
	{memplan.Pretrain, "demo", middle + " model.num_hidden_layers=8", true},
	{memplan.Pretrain, "demo", middle + " model.gradient_checkpointing=true", true},
	{memplan.Pretrain, "demo", middle + " model.compute_dtype=bfloat16", true},
	{memplan.Pretrain, "demo", middle + " model.compute_dtype=bfloat16 model.gradient_checkpointing=true", true},
	{memplan.Pretrain, "demo", middle + " model.hidden_size=512 model.num_attention_heads=8 model.intermediate_size=2048", true},
	{memplan.Pretrain, "demo", middle + " model.num_attention_heads=16", true},
	{memplan.Pretrain, "demo", middle + " model.keep_padding=false", true},
	{memplan.Pretrain, "demo", middle + " pretrain.accumulate=4", true},
	{memplan.Pretrain, "demo", middle + " pretrain.weight_tag=0 pretrain.weight_mfm=0", true},
	{memplan.Pretrain, "demo", middle + " pretrain.weight_tag=0 pretrain.weight_mlm=0", true},
	{memplan.Pretrain, "demo", middle + " pretrain.weight_simcse=0.1", true},
	{memplan.Pretrain, "demo", middle + " pretrain.ema=0.9", true},
	{memplan.Pretrain, "demo", middle + " pretrain.ema=0.9 pretrain.accumulate=4", true},
	{memplan.Finetune, "demo", middle + " finetune.batch=32", true},
	{memplan.Finetune, "demo", middle + " finetune.batch=64", true},
}

// TestPlanned: the memory that is estimated for a step before it is compiled (package memplan) is within a tenth of what XLA:CPU's
// compiler plans for it.
func TestPlanned(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles several steps")
	}
	for _, c := range planCases {
		if c.large && os.Getenv(plansVar) != "all" {
			continue
		}
		r := planRecipe(t, c.preset, strings.Fields(c.sets))
		plan, m := compiled(t, r, c.stage), memplan.OfPretrain(r, 1, backends.CPU)
		if c.stage == memplan.Finetune {
			m = memplan.OfFinetune(r, 1, backends.CPU)
		}
		const mib = 1 << 20
		ratio := float64(m.Program()) / float64(plan.Total())
		t.Logf("%s %s %s: arguments %.1f MiB, temporaries %.1f; estimated %.1f, %.3f of it", c.stage, c.preset, c.sets,
			float64(plan.Arguments)/mib, float64(plan.Temporaries)/mib, float64(m.Program())/mib, ratio)
		if ratio < 0.9 || ratio > 1.1 {
			t.Errorf("%s %s %s: the estimate is %.3f of the compiler's plan %+v", c.stage, c.preset, c.sets, ratio, plan)
		}
	}
}

// planRecipe is a preset with settings, resolved to the competition's sizes where it has none of its own.
func planRecipe(t testing.TB, preset string, sets []string) recipe.Recipe {
	t.Helper()
	r, err := recipe.Load(preset)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Resolve(recipe.CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	return r
}

// compiled is the compiler's plan of a stage's step on a batch of videos of full length, which is compiled, not run.
func compiled(t *testing.T, r recipe.Recipe, stage memplan.Stage) (plan backends.Plan) {
	t.Helper()
	on, err := NewDevices(backendstest.XLA(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	store, err := multimodal.NewStore(r.Model, 1)
	if err != nil {
		t.Fatal(err)
	}
	config, b := PretrainConfig(r, on, store), fullBatch(t, r, stage)
	if stage == memplan.Finetune {
		config = FinetuneConfig(r, on, store)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Compile(b); err != nil {
		t.Fatal(err)
	}
	plan, ok := s.Planned()
	if !ok {
		t.Fatal("no plan")
	}
	return plan
}

// fullBatch is the batch of a step on videos that have the most frames and tokens that the recipe takes.
func fullBatch(t testing.TB, r recipe.Recipe, stage memplan.Stage) Batch {
	t.Helper()
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for i := len(words); i < r.Model.VocabSize; i++ {
		words = append(words, string(rune(0x4e00+i%20000))+strings.Repeat("x", i/20000))
	}
	tok, err := tokenizer.NewVocab(words)
	if err != nil {
		t.Fatal(err)
	}
	tags := make([]int64, r.Model.NumTags)
	for i := range tags {
		tags[i] = int64(i + 1)
	}
	draw := rand.New(rand.NewPCG(1, 2))
	video := func(i int) corpus.Video {
		v := corpus.Video{ID: int64(i + 1), NumFrames: r.Model.MaxFrames, Tags: []int64{int64(i%len(tags) + 1)}}
		v.Frames = make([]byte, 2*v.NumFrames*r.Model.FrameDim)
		for range r.Model.TextLength() {
			v.Title += string(rune(0x4e00 + 5 + draw.IntN(15000)))
		}
		return v
	}
	if stage == memplan.Finetune {
		builder, err := batch.NewBuilder(batch.ConfigOf(r.Model), tok, nil)
		if err != nil {
			t.Fatal(err)
		}
		n := r.Finetune.Batch
		var teacher []float32
		if r.Finetune.Teacher != "" {
			teacher = make([]float32, n)
		}
		var first, second []corpus.Video
		for i := range n {
			first, second = append(first, video(2*i)), append(second, video(2*i+1))
		}
		parts, err := PairParts(builder, r.Finetune, first, second, make([]float32, n), teacher)
		if err != nil {
			t.Fatal(err)
		}
		return NewPairBatch(parts)
	}
	builder, err := PretrainBuilder(r, 1, tok, tags)
	if err != nil {
		t.Fatal(err)
	}
	var videos []corpus.Video
	for i := range r.Pretrain.Batch {
		videos = append(videos, video(i))
	}
	parts, err := PretrainParts(builder, r.Pretrain, 0, videos, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewPretrainBatch(r.Pretrain, parts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
