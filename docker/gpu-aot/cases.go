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
	Large    bool       // BERT-large: run by name only, one command in one arithmetic, stopped at the training step
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
	{Name: "large", About: "BERT-large's step, batch 128, padded", Large: true, Commands: [][]string{large()}},
	{Name: "large-packing", About: "BERT-large's step, batch 128, lengths as the competition's", Large: true,
		Commands: [][]string{large("model.pooling=masked_mean")}},
	{Name: "large-checkpointing", About: "BERT-large's step, batch 128, layers computed twice", Large: true,
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

// large times the pretraining step. The first program with largeProducts products or more is taken.
func large(sets ...string) []string {
	return settings([]string{"bench", "--recipe", "paper", "--batch", "128"}, sets)
}

const largeProducts = 100

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
