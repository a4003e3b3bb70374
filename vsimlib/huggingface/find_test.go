// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/run"
)

// folder makes a directory with files of these names; those that end in "/" are folders.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte("PK\x03\x04"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestFind takes weights in the order of transformers, and of pickles the ones that have the weights.
func TestFind(t *testing.T) {
	for _, k := range []struct {
		name  string
		files []string
		found string   // the weights, or
		wants []string // of the error
		not   string   // of the error
	}{
		{"safetensors first", []string{run.WeightsFile, indexFile, pickleFile, "optimizer.pt"}, run.WeightsFile, nil, ""},
		{"the index before pickles", []string{indexFile, pickleFile, "optimizer.pt"}, indexFile, nil, ""},
		{"a trainer's checkpoint", []string{"optimizer.pt", pickleFile, "rng_state.pth", "scheduler.pt", "training_args.bin"}, "",
			[]string{"pytorch_model.bin: pickled", "/pytorch_model.bin' '"}, "optimizer.pt"},
		{"pickled shards", []string{"optimizer.pt", pickleIndex, "pytorch_model-00001-of-00002.bin",
			"pytorch_model-00002-of-00002.bin"}, "",
			[]string{"/pytorch_model-00001-of-00002.bin' '", "/pytorch_model-00002-of-00002.bin' '"}, "optimizer.pt"},
		{"another name", []string{"bert.pt", "global_step1_optim_states.pt", "optimizer.bin", "random_states_0.pkl"}, "",
			[]string{"bert.pt: pickled"}, "optim"},
		{"only a trainer's state", []string{"optimizer.pt", "training_args.bin"}, "", []string{"has no model.safetensors",
			"only optimizer.pt, training_args.bin"}, "pickled"},
		{"an adapter", []string{"adapter_config.json", "adapter_model.safetensors", "training_args.bin"}, "",
			[]string{"adapter_model.safetensors is an adapter (LoRA)", "merge_and_unload"}, "pickled"},
		{"a pickled adapter", []string{"adapter_model.bin"}, "", []string{"adapter_model.bin is an adapter (LoRA)"}, "pickled"},
		{"old sentence-transformers", []string{"0_Transformer/pytorch_model.bin", "1_Pooling/config.json", "modules.json"}, "",
			[]string{"0_Transformer has the model: import --hf ", "0_Transformer"}, ""},
		{"the hub's cache", []string{"blobs/", "refs/main", "snapshots/0a1b/model.safetensors"}, "", []string{"import --hf ",
			"snapshots/0a1b"}, ""},
		{"TensorFlow", []string{"bert_config.json", "bert_model.ckpt.data-00000-of-00001", "bert_model.ckpt.index", "vocab.txt"}, "",
			[]string{"is of a TensorFlow checkpoint", "load_tf_weights_in_bert", "/bert_model.ckpt' '", "/bert_config.json' '"}, ""},
		{"Keras", []string{"config.json", "tf_model.h5"}, "", []string{"tf_model.h5 has TensorFlow's weights",
			"hf download OWNER/NAME"}, ""},
		{"Flax", []string{"flax_model.msgpack"}, "", []string{"flax_model.msgpack has Flax's weights"}, ""},
		{"ONNX", []string{"model.onnx"}, "", []string{"model.onnx is a model for inference only"}, ""},
		{"renamed", []string{"config.json", "pytorch_model.safetensors"}, "",
			[]string{"pytorch_model.safetensors is not named model.safetensors; rename it"}, ""},
		{"shards without an index", []string{"model-00001-of-00002.safetensors"}, "", []string{"model.safetensors.index.json",
			"is missing"}, ""},
		{"nothing", nil, "", []string{"is empty"}, ""},
	} {
		dir := folder(t, k.files...)
		path, err := find(dir)
		if k.found != "" {
			if err != nil || path != filepath.Join(dir, k.found) {
				t.Errorf("%s: %s, %v", k.name, path, err)
			}
			continue
		}
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), dir) {
			t.Errorf("%s: error %v", k.name, err)
			continue
		}
		for _, want := range k.wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nlacks %q", k.name, err, want)
			}
		}
		if k.not != "" && strings.Contains(strings.ReplaceAll(err.Error(), dir, ""), k.not) {
			t.Errorf("%s: %v\nhas %q", k.name, err, k.not)
		}
	}
}

// TestFindNotFetched: no conversion is advised of what is no pickle.
func TestFindNotFetched(t *testing.T) {
	for want, data := range map[string]string{
		"pytorch_model.bin: has no weights (it looks like a Git LFS pointer": "version https://git-lfs.github.com/spec/v1\noid x\nsize 1\n",
		"pytorch_model.bin: has no weights (it looks like an HTML page":      "<!doctype html>",
		"pytorch_model.bin: has no weights (it is an empty file":             "",
	} {
		dir := folder(t, "config.json")
		put(t, dir, pickleFile, []byte(data))
		if _, err := find(dir); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "python3") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestFindByHubName: what is not a directory here may be a model of the hub.
func TestFindByHubName(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := find("hfl/chinese-bert-wwm")
	const want = "hfl/chinese-bert-wwm: no such file or directory; if it is a model of the Hugging Face hub: " +
		"hf download hfl/chinese-bert-wwm --local-dir chinese-bert-wwm, then import --hf chinese-bert-wwm"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	for _, other := range []string{"/no/where", "../up", "./here", "a/b/c", "one"} {
		if _, err := find(other); err == nil || strings.Contains(err.Error(), "hub") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// TestConversionLine: the line ends with an error where it would write no tensor; it was run with torch 2.9.1 and safetensors 0.8.
func TestConversionLine(t *testing.T) {
	line := refusePickled([]string{"it's/a.bin", "b.bin"}, "out").Error()
	for _, part := range []string{"weights_only=True", "t or sys.exit('no weights in '", `'it'\''s/a.bin' 'b.bin' 'out'`} {
		if !strings.Contains(line, part) {
			t.Errorf("no %s in %s", part, line)
		}
	}
	if list := pickles([]string{"b.pt", "a.bin", "optimizer.pt"}); !slices.Equal(list, []string{"b.pt"}) {
		t.Errorf("pickles %q", list) // one of those whose name says nothing
	}
}
