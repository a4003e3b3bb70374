// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// A Case is a way of using vsim that makes programs. Its commands run one after the other in each arithmetic, with the tiny recipe
// on data/emoji.
type Case struct {
	Name     string
	About    string
	Commands [][]string // of vsim; see expand
	Needs    []string   // cases that make the models of the commands
	Golden   bool       // the golden cases of package step instead of commands
	// Products, where it is not 0, makes the case one that is run by name only: one command, whose first program with this many
	// products or more, the training step, is taken instead of running it.
	Products int
}

// An Arithmetic is a way of multiplying: an option of go-xla and a setting of the recipe.
type Arithmetic struct {
	Name    string
	Options string // go-xla's
	DType   string // model.compute_dtype
}

// arithmetics are those that vsim has on a GPU. Under bfloat16 products that are still in float32 use TF32, the default.
var arithmetics = []Arithmetic{
	{"float32", "tf32=false", "float32"},
	{"tf32", "tf32=true", "float32"},
	{"bfloat16", "tf32=true", "bfloat16"},
}

// cases are all ways of using vsim that make programs of their own. The tiny recipe packs rows without padding, the paper's has
// padding: case packing, and the others.
var cases = []Case{
	{Name: "pretrain", About: "pretraining and validation, padded", Commands: [][]string{pretrain("pretrain", padded)}},
	{Name: "finetune", About: "finetuning and validation, padded", Needs: []string{"pretrain"},
		Commands: [][]string{finetune("pretrain", "finetune", padded)}},
	{Name: "embed", About: "embedding, padded", Needs: []string{"pretrain", "finetune"},
		Commands: [][]string{embed("finetune")}},
	{Name: "packing", About: "all three, rows packed without padding",
		Commands: [][]string{pretrain("packed"), finetune("packed", "packed-pairs"), embed("packed-pairs")}},
	{Name: "accumulate", About: "micro-batches and the update, both stages", Needs: []string{"pretrain"},
		Commands: [][]string{
			pretrain("micro", padded, "pretrain.accumulate=2"), finetune("pretrain", "micro-pairs", padded, "finetune.accumulate=2"),
		}},
	{Name: "checkpointing", About: "the layers computed twice, both stages", Needs: []string{"pretrain"},
		Commands: [][]string{pretrain("twice", padded, checkpointed), finetune("pretrain", "twice-pairs", padded, checkpointed)}},
	{Name: "devices", About: "a batch shared by two devices, both stages", Needs: []string{"pretrain"},
		Commands: [][]string{two(pretrain("two", padded)), two(finetune("pretrain", "two-pairs", padded))}},
	{Name: "golden", About: "outputs, gradients and steps of the golden cases", Golden: true},
	{Name: "middle", About: "pretraining step of 4 layers × 256, batch 32, padded", Products: 40, Commands: [][]string{middle()}},
	{Name: "middle-checkpointing", About: "the same, layers computed twice", Products: 40, Commands: [][]string{middle(checkpointed)}},
	{Name: "large", About: "BERT-large's step, batch 128, padded", Products: 100, Commands: [][]string{large()}},
	{Name: "large-packing", About: "BERT-large's step, batch 128, rows packed", Products: 100,
		Commands: [][]string{large("model.pooling=masked_mean")}},
	{Name: "large-checkpointing", About: "BERT-large's step, batch 128, layers computed twice", Products: 100,
		Commands: [][]string{large(checkpointed)}},
}

const (
	padded       = "model.keep_padding=true"
	checkpointed = "model.gradient_checkpointing=true"
)

func pretrain(out string, sets ...string) []string {
	return settings([]string{"pretrain", "--corpus", "CORPUS", "--recipe", "tiny", "--out", "RUN/" + out}, sets)
}

func finetune(init, out string, sets ...string) []string {
	model := "RUN/" + init + "/model"
	return settings([]string{"finetune", "--corpus", "CORPUS", "--recipe", "tiny", "--init", model, "--out", "RUN/" + out}, sets)
}

func embed(model string) []string {
	records := "CORPUS/test_a/test_a.tfrecords"
	return []string{"embed", "--model", "RUN/" + model + "/model", "--records", records, "--out", "RUN/" + model + ".safetensors"}
}

func two(command []string) []string { return append(command, "--devices", "2") }

// large times BERT-large's pretraining step.
func large(sets ...string) []string {
	return settings([]string{"bench", "--recipe", "paper", "--batch", "128"}, sets)
}

// middle times the pretraining step of a smaller model, by which package memplan is calibrated too.
func middle(sets ...string) []string {
	sizes := []string{"model.hidden_size=256", "model.num_hidden_layers=4", "model.num_attention_heads=4",
		"model.intermediate_size=1024"}
	return settings([]string{"bench", "--recipe", "paper", "--batch", "32"}, append(sizes, sets...))
}

func settings(command, sets []string) []string {
	for _, set := range append(sets, "model.compute_dtype=DTYPE") {
		command = append(command, "--set", set)
	}
	return command
}

// expand fills in the folders and the compute type of a command.
func expand(command []string, corpus, runs string, a Arithmetic) []string {
	var out []string
	for _, arg := range command {
		switch {
		case arg == "model.compute_dtype=DTYPE":
			arg = "model.compute_dtype=" + a.DType
		case strings.HasPrefix(arg, "CORPUS"):
			arg = corpus + strings.TrimPrefix(arg, "CORPUS")
		case strings.HasPrefix(arg, "RUN/"):
			arg = runs + strings.TrimPrefix(arg, "RUN")
		}
		out = append(out, arg)
	}
	return out
}
