// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/jsonfile"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name  string
		sets  string
		sizes Sizes
		want  string // sizes and tag weight, or the error
	}{
		{"all from the corpus", "", Sizes{1300, 64, 480}, "1300 64 480 20"},
		{"no tags", "", Sizes{7, 3, 0}, "7 3 0 0"},
		{"weight given", "pretrain.weight_tag=0", Sizes{7, 3, 48}, "7 3 48 0"},
		{"sizes given", "model.vocab_size=9 model.frame_dim=3 model.num_tags=48", Sizes{7, 3, 24}, "9 3 48 2"},
		{"nothing known but given", "model.vocab_size=9 model.frame_dim=3 model.num_tags=24", Sizes{}, "9 3 24 1"},
		{"width differs", "model.frame_dim=4", Sizes{7, 3, 0}, "model.frame_dim: 4, but the corpus has frames of 3; " +
			"leave it 0, and import a model for --init with --corpus"},
		{"too few", "model.vocab_size=6 model.num_tags=1", Sizes{7, 3, 2}, "model.vocab_size: 6, but the vocabulary has 7 tokens; " +
			"model.num_tags: 1, but the tag list has 2; leave it 0, and import a model for --init with --corpus"},
		{"nothing known", "", Sizes{}, "model.vocab_size: there is no vocabulary; give --init, put a vocab.txt into the corpus, or set it; " +
			"model.frame_dim: no video has a frame to tell it; set it"},
		{"tags asked for", "pretrain.weight_tag=3", Sizes{7, 3, 0}, "pretrain.weight_tag: 3, but there is no tag_list.txt; set it to 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := load(t, "demo")
			for _, s := range strings.Fields(c.sets) {
				if err := r.Set(s); err != nil {
					t.Fatal(err)
				}
			}
			got := ""
			if err := r.Resolve(c.sizes); err != nil {
				got = err.Error()
			} else {
				got = fmt.Sprint(r.Model.VocabSize, r.Model.FrameDim, r.Model.NumTags, *r.Pretrain.WeightTag)
			}
			if got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestValidateListsAll(t *testing.T) {
	r := load(t, "demo")
	m, p, f, e := &r.Model, &r.Pretrain, &r.Finetune, &r.Ensemble
	m.VocabSize, m.NumAttentionHeads, m.MaxText, m.MaxFrames, m.LayerNormEps, m.Layout = -1, 3, 2, 513, 0, "cls"
	m.HiddenDropoutProb, m.ComputeDType, m.Pooling, m.TagInput = 1, "float16", "", "x"
	p.Epochs, p.Batch, p.LRHeads, p.WeightTag, p.WeightMLM, p.MLMProbability = -1, 0, math.NaN(), new(math.Inf(1)), -1, math.NaN()
	p.WarmupRatio, p.AdamEps = 1.5, 0
	f.Fold, f.Split, f.Select, f.MaxPairs = 5, "leaky", "first", -1
	e.Members, e.Dim, e.Weights = []int{0, 2, 2}, 0, []float64{0, math.NaN()}
	want := []string{
		"model.vocab_size: -1 is outside [0,16777216]",
		"model.num_attention_heads: 3 does not divide hidden_size 128",
		"model.layer_norm_eps: 0 is outside (0,1]",
		"model.max_text: 2 is outside [3,65536]",
		"model.max_frames: 513 is above max_position_embeddings 512",
		`model.layout: "cls" is not one of cls_first, frames_first`,
		`model.pooling: "" is not one of mean, attention, masked_mean, masked_attention, cls`,
		`model.tag_input: "x" is not one of cls, embedding`,
		"model.hidden_dropout_prob: 1 is outside [0,1)",
		`model.compute_dtype: "float16" is not one of float32, bfloat16`,
		"pretrain.epochs: -1 is outside [0,1000000]",
		"pretrain.batch: 0 is outside [1,1048576]",
		"pretrain.lr_heads: NaN is outside [0,100]",
		"pretrain.adam_eps: 0 is outside (0,1]",
		"pretrain.warmup_ratio: 1.5 is outside [0,1)",
		"pretrain.weight_tag: +Inf is outside [0,1e+09]",
		"pretrain.weight_mlm: -1 is outside [0,1e+09]",
		"pretrain.mlm_probability: NaN is outside [0,1)",
		`finetune.split: "leaky" is not one of released, strict, component`,
		"finetune.fold: 5 is outside [0,4]",
		"finetune.max_pairs: -1 is outside [0,1099511627776]",
		`finetune.select: "first" is not one of best, last`,
		"ensemble.members: 0 is outside [1,6]",
		"ensemble.members: duplicate 2",
		"ensemble.dim: 0 is outside [1,65536]",
		"ensemble.weights: 2 for 3 members",
		"ensemble.weights: 0 is not a positive number",
		"ensemble.weights: NaN is not a positive number",
	}
	err := r.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.Split(strings.TrimPrefix(err.Error(), "recipe: "), "; ")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("fault %d of\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Each number alone, one step beyond its bound, is a fault, and the fault names it.
func TestValidateEachBound(t *testing.T) {
	r := load(t, "paper")
	for i, f := range r.fields() {
		if !f.value.CanInt() && !f.value.CanFloat() || f.name == "seed" {
			continue
		}
		for _, bad := range []float64{-1, 1 << 62} {
			broken := load(t, "paper")
			if v := broken.fields()[i].value; v.CanInt() {
				v.SetInt(int64(bad))
			} else {
				v.SetFloat(bad)
			}
			if err := broken.Validate(); err == nil || !strings.Contains(err.Error(), f.full()+": ") {
				t.Errorf("%s = %g: %v", f.full(), bad, err)
			}
		}
	}
}

func TestAccumulate(t *testing.T) {
	for set, want := range map[string]string{
		"pretrain.accumulate=0":  "",
		"pretrain.accumulate=1":  "",
		"pretrain.accumulate=4":  "",
		"pretrain.accumulate=32": "",
		"pretrain.accumulate=5":  "recipe: pretrain.accumulate: 5 does not divide batch 32",
		"pretrain.accumulate=64": "recipe: pretrain.accumulate: 64 is outside [0,32]",
		"finetune.accumulate=3":  "recipe: finetune.accumulate: 3 does not divide batch 32",
		"finetune.accumulate=-2": "recipe: finetune.accumulate: -2 is outside [0,32]",
	} {
		r := load(t, "paper")
		r.Pretrain.Batch = 32
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
		same(t, r.Validate(), want)
	}
}

// What presets leave off is not in their files either, so those of before it existed are equal to those of now.
func TestOffIsNotWritten(t *testing.T) {
	data, err := json.Marshal(load(t, "paper"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"accumulate", "gradient_checkpointing", "compute_dtype", "labels", "\"loss", "temperature", "simcse",
		"layer_decay", "teacher", "\"ema", "asr"} {
		if strings.Contains(string(data), name) {
			t.Errorf("%s is written", name)
		}
	}
	r := load(t, write(t, string(data)))
	if d := r.Diff(load(t, "paper")); len(d) > 0 {
		t.Error(d)
	}
}

// TestOptions sets what other teams had and presets leave off.
func TestOptions(t *testing.T) {
	const pearson = "finetune.loss=softmax_pearson "
	for sets, want := range map[string]string{
		"finetune.labels=":                             "",
		"finetune.labels=rank":                         "",
		"finetune.labels=raw":                          "",
		"finetune.labels=none":                         `recipe: finetune.labels: "none" is not one of rank, raw`,
		"finetune.loss=":                               "",
		"finetune.loss=mse":                            "",
		pearson + "finetune.temperature=0.05":          "",
		pearson + "finetune.accumulate=1":              "",
		"finetune.loss=pearson":                        `recipe: finetune.loss: "pearson" is not one of mse, cosent, softmax_pearson`,
		"finetune.temperature=-1":                      "recipe: finetune.temperature: -1 is outside [0,100]",
		pearson + "finetune.accumulate=2":              "recipe: finetune.accumulate: 2, but the loss softmax_pearson is over a whole batch; set 0",
		"finetune.loss=mse finetune.accumulate=16":     "",
		"pretrain.weight_simcse=0.1":                   "",
		"pretrain.ema=0.999 finetune.ema=0.9":          "",
		"pretrain.ema=1 finetune.ema=-0.1":             "recipe: pretrain.ema: 1 is outside [0,1); finetune.ema: -0.1 is outside [0,1)",
		"pretrain.mfm_temperature=0.1":                 "",
		"pretrain.mfm_temperature=-1":                  "recipe: pretrain.mfm_temperature: -1 is outside [0,100]",
		"finetune.teacher=e finetune.weight_teacher=1": "",
		"finetune.teacher=e": `recipe: finetune.teacher: "e", but weight_teacher is 0; set it to the teacher's share of the loss, ` +
			"1 for no labels",
		"finetune.weight_teacher=0.5":                    "recipe: finetune.weight_teacher: 0.5, but teacher names no embeddings file",
		"finetune.teacher=e finetune.weight_teacher=1.5": "recipe: finetune.weight_teacher: 1.5 is outside [0,1]",
		"pretrain.layer_decay=0.9":                       "",
		"pretrain.layer_decay=1":                         "recipe: pretrain.layer_decay: 1 is outside [0,1); one rate for all layers is 0",
		"finetune.layer_decay=-1":                        "recipe: finetune.layer_decay: -1 is outside [0,1); one rate for all layers is 0",
		"model.max_asr=476":                              "",
		"model.max_asr=477":                              "recipe: model.max_asr: 477 with max_text 36 is above max_position_embeddings 512",
		"model.max_asr=-1":                               "recipe: model.max_asr: -1 is outside [0,65536]",
		"model.reads=title":                              "",
		"model.reads=speech":                             "recipe: model.reads: \"speech\" is not one of both, title, frames",
		"pretrain.weight_simcse=-0.1 pretrain.simcse_temperature=-1": "recipe: pretrain.weight_simcse: -0.1 is outside [0,1e+09]; " +
			"pretrain.simcse_temperature: -1 is outside [0,100]",
	} {
		r := load(t, "paper")
		for _, set := range strings.Fields(sets) {
			if err := r.Set(set); err != nil {
				t.Fatal(err)
			}
		}
		same(t, r.Validate(), want)
	}
}

func TestZerosAreLegal(t *testing.T) {
	r := load(t, "demo")
	for _, name := range []string{"pretrain.epochs", "pretrain.weight_tag", "pretrain.weight_mlm", "pretrain.weight_mfm",
		"pretrain.lr_heads",
		"pretrain.mlm_probability", "pretrain.warmup_ratio", "pretrain.val_every", "pretrain.checkpoint_every", "finetune.epochs",
		"model.vocab_size", "model.frame_dim", "model.num_tags", "model.hidden_dropout_prob"} {
		if err := r.Set(name + "=0"); err != nil {
			t.Error(err)
		}
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
}

func TestContradicts(t *testing.T) {
	weights := demo().Model
	m := weights
	m.MaxText, m.MaxFrames, m.Layout, m.Pooling = 9, 3, competition.LayoutFramesFirst, Mean
	m.HiddenDropoutProb, m.ComputeDType = 0, BFloat16
	m.MaxASR = 30
	if got := m.Contradicts(weights); got != nil {
		t.Errorf("%v", got)
	}
	m.HiddenSize, m.Pooling, m.TagInput, m.NumAttentionHeads = 64, MaskedAttention, TagEmbedding, 2
	if got := fmt.Sprint(m.Contradicts(weights)); got != "[hidden_size num_attention_heads pooling tag_input]" {
		t.Errorf("%v", got)
	}
}

func TestModelHelpers(t *testing.T) {
	m := demo().Model
	if m.TagWidth() != 128 || !m.Masked() || m.AttentionPooling() || m.Sequence() != 28 {
		t.Errorf("%+v", m)
	}
	m.TagInput, m.EmbeddingDim, m.Pooling = TagEmbedding, 5, Attention
	if m.TagWidth() != 5 || m.Masked() || !m.AttentionPooling() {
		t.Errorf("%+v", m)
	}
}

func TestModelConfigRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	m := paper().Model
	m.VocabSize, m.FrameDim, m.NumTags, m.HiddenDropoutProb, m.ComputeDType, m.GradientCheckpointing = 99, 7, 0, 0, BFloat16, true
	if err := WriteModelConfig(path, m); err != nil {
		t.Fatal(err)
	}
	if back, err := ReadModelConfig(path); err != nil || back != m {
		t.Errorf("%+v, %v\nwant %+v", back, err, m)
	}
	var file map[string]any
	if err := jsonfile.Read(path, &file); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"model_type": "bert", "hidden_act": "gelu", "tie_word_embeddings": false,
		"vocab_size": 99.0} {
		if file[key] != want {
			t.Errorf("%s: %v, want %v", key, file[key], want)
		}
	}
	if list, is := file["architectures"].([]any); !is || len(list) != 1 || list[0] != "BertForMaskedLM" {
		t.Errorf("architectures: %v", file["architectures"])
	}
	m.VocabSize = 0
	same(t, WriteModelConfig(path, m), path+": not written: vocab_size: 0 is outside [1,16777216]")
}

// The config of a golden case: the reference's Config with its training settings and without dropout.
const goldenConfig = `{"vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
 "max_position_embeddings": 40, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "frame_dim": 24, "max_frames": 5, "max_text": 9,
 "num_tags": 11, "embedding_dim": 16, "layout": "frames_first", "pooling": "attention", "tag_input": "embedding", "weight_tag": 416.6,
 "weight_mlm": 0.26, "weight_mfm": 0.11, "lr_encoder": 5e-05, "lr_heads": 0.0005, "weight_decay": 0.01, "adam_eps": 1e-06,
 "warmup_ratio": 0.06, "total_steps": 20}`

func TestModelConfigOfReference(t *testing.T) {
	m, err := DecodeModelConfig([]byte(goldenConfig))
	if err != nil {
		t.Fatal(err)
	}
	want := Model{97, 32, 2, 4, 64, 40, 2, 1e-12, 24, 5, 9, 11, 16, competition.LayoutFramesFirst, Attention, TagEmbedding, .1, .1,
		.02, "", false, false, 0, ""}
	if m != want {
		t.Errorf("%+v\nwant %+v", m, want)
	}
}

// config.json as transformers 4.31 wrote it for all-MiniLM-L6-v2, whose type is BERT.
const miniLM = `{"_name_or_path": "nreimers/MiniLM-L6-H384-uncased", "architectures": ["BertModel"], "attention_probs_dropout_prob": 0.1,
 "gradient_checkpointing": false, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 384, "initializer_range": 0.02,
 "intermediate_size": 1536, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 12,
 "num_hidden_layers": 6, "pad_token_id": 0, "position_embedding_type": "absolute", "transformers_version": "4.8.2",
 "type_vocab_size": 2, "use_cache": true, "vocab_size": 30522}`

func TestBERTConfig(t *testing.T) {
	path := write(t, miniLM)
	m, passedOver, err := ReadBERTConfig(path)
	if err != nil || len(passedOver) != 0 {
		t.Fatal(passedOver, err)
	}
	want := Model{30522, 384, 6, 12, 1536, 512, 2, 1e-12, 1536, 32, 36, 10000, 256, competition.LayoutCLSFirst, Mean, TagCLS, .1, .1,
		.02, "", false, false, 0, ""}
	if m != want {
		t.Errorf("%+v\nwant %+v", m, want)
	}
	_, err = ReadModelConfig(path)
	same(t, err, path+": lacks frame_dim, max_frames, max_text, num_tags, embedding_dim")
}

func TestModelConfigErrors(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"hidden_act": "gelu"`, `"hidden_act": "gelu_new"`, `hidden_act: "gelu_new" is not supported, only "gelu"`},
		{`"position_embedding_type": "absolute"`, `"position_embedding_type": "relative_key"`,
			`position_embedding_type: "relative_key" is not supported, only "absolute" or null`},
		{`"model_type": "bert"`, `"model_type": "roberta"`, `model_type: "roberta" is not supported, only "bert"`},
		{`"model_type": "bert"`, `"embedding_size": 128`, `embedding_size: 128, but hidden_size is 384: this is not a BERT model`},
		{`"model_type": "bert"`, `"quantization_config": {"bits": 4}`, `quantization_config: {"bits":4} is not supported, only null or {}`},
		{`"model_type": "bert"`, `"auto_map": {"AutoModel": "x.Y"}`, `auto_map: {"AutoModel":"x.Y"} is not supported, only null or {}`},
		{`"model_type": "bert"`, `"alibi_starting_size": 512`, `alibi_starting_size: 512 is not supported, only false or null`},
		{`"model_type": "bert"`, `"is_decoder": true`, `is_decoder: true is not supported, only false or null`},
		{`"hidden_size": 384`, `"hidden_size": 385`, `num_attention_heads: 12 does not divide hidden_size 385`},
		{`"hidden_size": 384`, `"hiddensize": 384`, `lacks hidden_size`},
		{`"hidden_size": 384`, `"hidden_size": 384.5`, `hidden_size: 384.5 is not a whole number`},
		{`"hidden_size": 384, `, ``, `lacks hidden_size`},
		{`"use_cache"`, `"vocab_size"`, `duplicate key "vocab_size"`},
		{`30522}`, `30522`, `the JSON ends too early`},
	} {
		data := strings.Replace(miniLM, c.old, c.new, 1)
		if data == miniLM {
			t.Fatalf("%s is not in the file", c.old)
		}
		path := write(t, data)
		_, _, err := ReadBERTConfig(path)
		same(t, err, path+": "+c.want)
	}
	path := write(t, strings.Replace(miniLM, `"hidden_size": 384`, `"hiddensize": 384`, 1))
	_, err := ReadModelConfig(path)
	same(t, err, path+`: unknown name "hiddensize"; the nearest is "hidden_size"`+all("model"))
	if _, err := ReadModelConfig("nowhere/config.json"); !os.IsNotExist(err) {
		t.Errorf("error %v", err)
	}
	for _, ok := range []string{strings.Replace(miniLM, `"absolute"`, "null", 1),
		strings.Replace(miniLM, `"hidden_act": "gelu",`, "", 1)} {
		if _, _, err := ReadBERTConfig(write(t, ok)); err != nil {
			t.Error(err)
		}
	}
}

// Counts of the competition: 1,063,613 videos at 128; 65,373 pairs at 32.
func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		n, batch, epochs int
		ratio            float64
		want             Schedule
	}{
		{1063613, 128, 40, .06, Schedule{8309, 332360, 19941}},
		{65373, 32, 10, .06, Schedule{2042, 20420, 1225}},
		{1147, 32, 10, .06, Schedule{35, 350, 21}},
		{5, 32, 3, .06, Schedule{1, 3, 1}},
		{64, 32, 1, 0, Schedule{2, 2, 1}},
		{0, 32, 3, .06, Schedule{0, 0, 1}},
		{99, 32, 0, .06, Schedule{0, 0, 1}},
		{20, 1, 1, .06, Schedule{20, 20, 1}},
	} {
		if got := NewSchedule(c.n, c.batch, c.epochs, c.ratio); got != c.want {
			t.Errorf("%d videos, batch %d, %d epochs: %+v, want %+v", c.n, c.batch, c.epochs, got, c.want)
		}
	}
	f := Finetune{Epochs: 2, Batch: 64, MaxPairs: 640, WarmupRatio: .5}
	for n, want := range map[int]Schedule{12000: {10, 20, 10}, 640: {10, 20, 10}, 130: {2, 4, 2}} {
		if got := f.Schedule(n); got != want {
			t.Errorf("%d pairs: %+v, want %+v", n, got, want)
		}
	}
	p := Pretrain{Epochs: 4, PairwiseEpochs: 1, Batch: 10, WarmupRatio: .1}
	if a, b := p.Schedule(100), p.PairwiseSchedule(50); a.Steps != 40 || b.Steps != 5 {
		t.Errorf("%+v, %+v", a, b)
	}
}
