// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/tfrecord"
)

// hostile clears the screen, sets its title, turns the direction of text and forges a line, where it is printed as it is.
const hostile = "x\x1b]0;pwned\x07\x1b[2J\u202e\u2066\u009b31m\u2028\nFORGED"

// hostileFiles makes files that are full of it, and returns their folder.
func hostileFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var records bytes.Buffer
	w := tfrecord.NewWriter(&records)
	for _, features := range [][]tfrecord.Feature{
		{tfrecord.BytesFeature("id", []byte(hostile)), tfrecord.BytesFeature("title", []byte(hostile))},
		{tfrecord.BytesFeature("id", []byte("7")), tfrecord.BytesFeature("title", []byte(hostile+"\xff"))},
	} {
		example, err := tfrecord.AppendExample(nil, features)
		if err == nil {
			err = w.Write(example)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	good, err := schema.AppendVideo(nil, schema.Video{ID: 7, Title: hostile}, true)
	if err != nil {
		t.Fatal(err)
	}
	var titled, tensors bytes.Buffer
	if err := tfrecord.NewWriter(&titled).Write(good); err != nil {
		t.Fatal(err)
	}
	list := []safetensors.Tensor{safetensors.FromFloat32(hostile, []int{2}, []float32{1, 2})}
	if err := safetensors.Write(&tensors, list, map[string]string{hostile: hostile}); err != nil {
		t.Fatal(err)
	}
	put("bad/pointwise/"+hostile+".tfrecords", records.Bytes())
	put("bad/pairwise/"+hostile+".txt", nil)
	put("bad/pairwise/label.tsv", []byte(hostile+"\t2\t"+hostile+"\n"))
	put("bad/tag_list.txt", []byte(hostile+"\n"))
	put("good/pointwise/a.tfrecords", titled.Bytes())
	put("good/pointwise/"+hostile+"-00001-of-00002.tfrecords", titled.Bytes())
	put("t.safetensors", tensors.Bytes())
	put("torn.safetensors", []byte(hostile+"              "))
	put("hf/model.safetensors", tensors.Bytes())
	put("hf/config.json", []byte(`{"hidden_size":`+hostile+`}`))
	put("hf/vocab.txt", []byte(hostile+"\n"+hostile+"\n"))
	put("hfkey/model.safetensors", tensors.Bytes())
	put("hfkey/config.json", []byte(`{"hidden_size":4,"x\u001b[2J\u202e\nFORGED":1,"model_type":"\u001b[2J"}`))
	put("hfkey/vocab.txt", []byte("[PAD]\n"))
	put("key.json", []byte(`{"model":{"\u001b[2J\u202e\nFORGED":1}}`))
	put("text.json", []byte(hostile))
	put(hostile+".ipynb", []byte(hostile))
	put("run"+hostile+"/vsim.json", []byte(`{"kind":"\u001b[2J\u202e\nFORGED","version":1}`))
	put("run"+hostile+"/identity.json", []byte(`{"stage":"\u001b[2J"}`))
	return dir
}

// TestHostileText: whatever names, titles, tokens, keys and paths contain, no verb prints what steers a terminal or begins a line
// of its own.
func TestHostileText(t *testing.T) {
	dir := hostileFiles(t)
	labels := "bad/pairwise/label.tsv"
	for i, args := range [][]string{
		{hostile}, {"--" + hostile}, {"data", hostile}, {"help", hostile},
		{"data", "check", hostile}, {"data", "check", "bad"}, {"data", "check", "good"}, {"data", "check", "text.json"},
		{"data", "synth", "--out", "run" + hostile, "--like", "controlled"}, {"data", "synth", "--out", "o", "--like", hostile},
		{"eval", "--embeddings", hostile, "--labels", labels}, {"eval", "--embeddings", "t.safetensors", "--labels", labels},
		{"eval", "--embeddings", "torn.safetensors", "--labels", hostile},
		{"ensemble", "--out", "o", hostile, "t.safetensors"}, {"ensemble", "--out", "o", "--weights", hostile, "t.safetensors"},
		{"submit", "--embeddings", "t.safetensors", "--records", hostile, "--out", "o" + hostile},
		{"import", "--hf", "hf", "--out", "o"}, {"import", "--hf", "hfkey", "--out", "o"}, {"import", "--hf", hostile, "--out", hostile},
		{"import", "--hf", "hf", "--out", "run" + hostile}, {"import", "--hf", "hf", "--out", "o", "--set", "model." + hostile + "=1"},
		{"embed", "--model", "hf", "--records", "bad/pointwise/" + hostile + ".tfrecords", "--out", "o"},
		{"embed", "--model", hostile, "--records", hostile, "--out", "o"},
		{"pretrain", "--corpus", "bad", "--recipe", "tiny", "--out", "o"},
		{"pretrain", "--corpus", "good", "--recipe", "tiny", "--out", "o"},
		{"pretrain", "--corpus", "good", "--recipe", "key.json", "--out", "o"},
		{"pretrain", "--corpus", "good", "--recipe", "text.json", "--out", "o"},
		{"pretrain", "--corpus", "good", "--recipe", hostile, "--out", "run" + hostile},
		{"finetune", "--corpus", "bad", "--recipe", "tiny", "--init", hostile, "--out", "o"},
		{"recipe", hostile}, {"recipe", "tiny", "--set", hostile}, {"recipe", "key.json"},
		{"recipe", "tiny", "--set", "finetune.split=" + hostile},
		{"runs", "verify", "."}, {"runs", "verify", "run" + hostile}, {"runs", "verify", hostile},
		{"runs", "."}, {"runs", hostile}, {"runs", ".", "--where", hostile + "=1"}, {"runs", ".", "--sort", hostile},
		{"runs", "diff", hostile, "run" + hostile}, {"runs", "export", "--tensorboard", hostile, "run" + hostile},
		{"runs", "rm", hostile}, {"runs", "rm", "run" + hostile, "--dry-run"},
		{"study", hostile}, {"study", "pooling", "--scale", hostile}, {"run", hostile + ".ipynb"}, {"bench", "--recipe", hostile},
		{"bench", "--recipe", "tiny", "--steps=1", "--rounds=1", "--batch=4", "--against", "printf '%s' '" + hostile + "'; false"},
	} {
		for _, json := range []bool{false, true} {
			if testing.Short() && json != (i%2 == 0) {
				continue
			}
			line := args
			if json {
				line = append(args[:len(args):len(args)], "--json")
			}
			cmd := exec.Command(binary, line...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOMLX_BACKEND=go", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
			o := finish(t, cmd)
			if o.code < 0 || o.code > 2 {
				t.Errorf("%q: exit code %d", line, o.code)
			}
			for _, text := range []string{o.out, o.stderr} {
				if r := steers(text); r >= 0 {
					t.Errorf("%q: prints %U: %q", line, r, text)
				}
				if strings.HasPrefix(text, "FORGED") || strings.Contains(text, "\nFORGED") || strings.Contains(text, "goroutine ") {
					t.Errorf("%q: a line is forged, or a panic: %q", line, text)
				}
			}
		}
	}
}

// TestHostileTensor: the summary of an import lists a tensor that the model does not have in a line of its own, whatever its name.
func TestHostileTensor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hf")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "huggingface", "testdata", "tiny", "model"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model.safetensors")
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	list := []safetensors.Tensor{safetensors.FromFloat32(hostile, []int{1}, []float32{0})}
	for _, name := range f.Names() {
		tensor, err := f.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, tensor)
	}
	var data bytes.Buffer
	if err := errors.Join(f.Close(), safetensors.Write(&data, list, nil)); err != nil {
		t.Fatal(err)
	}
	writeText(t, path, data.String())
	o := vsim(t, "import", "--hf", dir, "--out", filepath.Join(t.TempDir(), "model"), "--set", "model.frame_dim=16").ended(exitDone)
	if steers(o.out+o.stderr) >= 0 || !strings.Contains(o.out, "\nskipped  x") || strings.Contains(o.out, "\nFORGED") {
		t.Errorf("%q, and %q on stderr", o.out, o.stderr)
	}
}

// steers returns the first character of a text that steers a terminal, -1 where there is none.
func steers(text string) rune {
	for _, r := range text {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
			return r
		}
	}
	return -1
}
