// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tfrecord"
)

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

func recordIDs(t *testing.T, path string) []int64 {
	t.Helper()
	set, err := corpus.OpenRecords(path)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for i := range set.Len() {
		ids = append(ids, set.ID(i))
	}
	return ids
}

// copyEmoji copies the parts of the shipped corpus that training reads.
func copyEmoji(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	for _, name := range []string{"pointwise/pretrain_0.tfrecords", "pairwise/pairwise.tfrecords", "pairwise/label.tsv",
		"tag_list.txt", "vocab.txt"} {
		data, err := os.ReadFile(filepath.Join(emojiDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		writeText(t, filepath.Join(dir, name), string(data))
	}
	return dir
}

// change rewrites a file's bytes.
func change(t *testing.T, path string, how func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, path, string(how(data)))
}

// changeVideo rewrites one record of a file, or with at < 0 all of them, with good checksums.
func changeVideo(t *testing.T, path string, at int, how func(*corpus.Video)) {
	t.Helper()
	set, err := corpus.OpenRecords(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := tfrecord.NewWriter(&out)
	for i := range set.Len() {
		v, err := set.Video(i)
		if err != nil {
			t.Fatal(err)
		}
		if i == at || at < 0 {
			how(&v)
		}
		record, err := corpus.AppendVideo(nil, v, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	writeText(t, path, out.String())
}

// Files of a corpus that the damages below are done to.
const (
	pointwise = "pointwise/pretrain_0.tfrecords"
	pairwise  = "pairwise/pairwise.tfrecords"
	labelFile = "pairwise/label.tsv"
)

// damage is one way in which a corpus is broken, and what must be named.
type damage struct {
	name     string
	do       func(t *testing.T, dir string)
	verb     string   // the stage that meets it
	check    []string // what data check says
	training []string // what the stage says
}

func line(n int, text string) func([]byte) []byte {
	return func(data []byte) []byte {
		lines := strings.Split(string(data), "\n")
		lines[n-1] = text
		return []byte(strings.Join(lines, "\n"))
	}
}

var damages = []damage{
	{"missing corpus", func(t *testing.T, dir string) {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}, "pretrain", []string{"corpus: no such folder"}, []string{"corpus: no such folder"}},
	{"empty corpus", func(t *testing.T, dir string) {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}, "pretrain", []string{"corpus:"}, []string{"corpus:"}},
	{"wrong frame width", func(t *testing.T, dir string) {
		changeVideo(t, filepath.Join(dir, pointwise), 700, func(v *corpus.Video) { v.Frames, v.NumFrames = make([]byte, 2*127), 1 })
	}, "pretrain", []string{pointwise, "record 700", "254 bytes, want 256"}, []string{pointwise, "record 700", "254 bytes, want 256"}},
	{"unknown id in label.tsv", func(t *testing.T, dir string) {
		change(t, filepath.Join(dir, labelFile), line(3, "123456\t654321\t0.5"))
	}, "finetune", []string{labelFile + ":3", "123456"}, []string{labelFile + ":3", "123456"}},
	{"score outside [0,1]", func(t *testing.T, dir string) {
		ids := recordIDs(t, filepath.Join(dir, pairwise))
		change(t, filepath.Join(dir, labelFile), line(4, itoa(ids[0])+"\t"+itoa(ids[1])+"\t1.2"))
	}, "finetune", []string{labelFile + ":4", "1.2", "[0,1]"}, []string{labelFile + ":4", "1.2", "[0,1]"}},
	{"title that is not UTF-8", func(t *testing.T, dir string) {
		changeVideo(t, filepath.Join(dir, pointwise), 5, func(v *corpus.Video) { v.Title = "\xff\xfebad" })
	}, "pretrain", []string{pointwise, "record 5", "UTF-8"}, []string{"record 5", "UTF-8"}},
	{"flipped byte", func(t *testing.T, dir string) {
		change(t, filepath.Join(dir, pointwise), func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	}, "pretrain", []string{pointwise, "record ", "checksum"}, []string{"record ", "checksum"}},
	{"cut inside a record", func(t *testing.T, dir string) {
		change(t, filepath.Join(dir, pairwise), func(b []byte) []byte { return b[:len(b)-7] })
	}, "finetune", []string{pairwise, "record 963"}, []string{"record 963"}},
	{"last record gone", func(t *testing.T, dir string) {
		ids := recordIDs(t, filepath.Join(dir, pairwise))
		f, err := tfrecord.Open(filepath.Join(dir, pairwise))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		last := int64(0)
		for i := range len(ids) - 1 {
			e, err := f.At(i, last)
			if err != nil {
				t.Fatal(err)
			}
			last = e.End()
		}
		change(t, filepath.Join(dir, pairwise), func(b []byte) []byte { return b[:last] })
	}, "finetune", []string{labelFile + ":", "is not among the 963 videos"}, []string{labelFile + ":", "is not among the 963 videos"}},
}

// TestDamagedCorpus: data check and the stage that meets the damage both end with one clear line and exit code 1, and a
// finished run that the broken corpus is offered to stays as it was.
func TestDamagedCorpus(t *testing.T) {
	onCPU(t)
	done := freshModel(t)
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			dir := copyEmoji(t)
			d.do(t, dir)
			o := vsim(t, "data", "check", dir)
			if o.out != "" { // the report; the line on stderr is what is looked at here
				o.out = ""
			}
			o.failed(exitFailed, d.check...)
			v := vsim(t, "data", "check", dir, "--json").ended(exitFailed).object()
			if list, _ := v["errors"].([]any); len(list) == 0 && v["error"] == nil {
				t.Errorf("no error in JSON: %v", v)
			}
			before := snapshot(t, done)
			fresh := filepath.Join(t.TempDir(), "run")
			for _, out := range []string{fresh, done} {
				args := []string{d.verb, "--corpus", dir, "--recipe", "tiny", "--out", out}
				if d.verb == "finetune" {
					args = append(args, "--init", run.Dir(done).Model())
				}
				texts := d.training
				if out == done {
					texts = nil // refused for one reason or another
				}
				o := vsim(t, args...)
				o.stderr = lastLine(o.stderr)
				o.failed(exitFailed, texts...)
			}
			if after := snapshot(t, done); !sameFiles(before, after) {
				t.Errorf("the finished run was changed: %v, was %v", after, before)
			}
			if jsonfile.Exists(run.Dir(fresh).Result()) || jsonfile.Exists(run.Dir(fresh).Model()) {
				t.Error("a failed run has a result")
			}
		})
	}
}

// lastLine leaves out the progress before a failure.
func lastLine(s string) string {
	lines := strings.SplitAfter(strings.TrimRight(s, "\n"), "\n")
	return strings.TrimRight(lines[len(lines)-1], "\n") + "\n"
}

func sameFiles(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, hash := range a {
		if b[name] != hash {
			return false
		}
	}
	return true
}

// freshModels has a finished run of no epochs by the backend that the environment names.
var freshModels = map[string]string{}

// freshModel is a copy of a finished run of no epochs, which is made once for all tests.
func freshModel(t *testing.T) string {
	t.Helper()
	backend := os.Getenv("GOMLX_BACKEND")
	made, ok := freshModels[backend]
	if !ok {
		made = filepath.Join(filepath.Dir(binary), fmt.Sprint("fresh", len(freshModels)))
		v := vsim(t, "pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", made,
			"--json").ended(exitDone).
			has("steps", "losses", "videos_per_s", "model")
		near(t, "steps", v["steps"], 0, 0)
		if v["model"] != run.Dir(made).Model() {
			t.Errorf("model %v", v["model"])
		}
		freshModels[backend] = made
	}
	dir := filepath.Join(t.TempDir(), "fresh")
	if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestDamagedModel: a model directory that does not fit together is refused by every command that reads one.
func TestDamagedModel(t *testing.T) {
	onCPU(t)
	good := run.Dir(freshModel(t)).Model()
	records := filepath.Join(emojiDir, "test_a", "test_a.tfrecords")
	for _, c := range []struct {
		name string
		do   func(dir string)
		want []string
	}{
		{"another shape", func(dir string) {
			path := filepath.Join(dir, run.ConfigFile)
			m, err := recipe.ReadModelConfig(path)
			if err != nil {
				t.Fatal(err)
			}
			m.IntermediateSize *= 2
			if err := recipe.WriteModelConfig(path, m); err != nil {
				t.Fatal(err)
			}
		}, []string{run.WeightsFile, "shape"}},
		{"header that lies", func(dir string) {
			change(t, filepath.Join(dir, run.WeightsFile), func(b []byte) []byte { b[7] = 0x7f; return b })
		}, []string{run.WeightsFile, "header"}},
		{"tensor beyond the end", func(dir string) {
			change(t, filepath.Join(dir, run.WeightsFile), func(b []byte) []byte { return b[:len(b)-8] })
		}, []string{run.WeightsFile}},
		{"no config", func(dir string) {
			if err := os.Remove(filepath.Join(dir, run.ConfigFile)); err != nil {
				t.Fatal(err)
			}
		}, []string{run.ConfigFile}},
		{"no vocabulary", func(dir string) {
			if err := os.Remove(filepath.Join(dir, run.VocabFile)); err != nil {
				t.Fatal(err)
			}
		}, []string{run.VocabFile}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "model")
			if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}
			c.do(dir)
			out := writeSet(t, filepath.Join(t.TempDir(), "e.safetensors"), []int64{1}, 1, 1)
			before := hashOf(t, out)
			vsim(t, "embed", "--model", dir, "--records", records, "--out", out, "--force").failed(exitFailed, c.want...)
			if hashOf(t, out) != before {
				t.Error("the old output is gone")
			}
			if c.want[0] == run.VocabFile {
				return // training takes the corpus's vocabulary where the model brings none
			}
			into := filepath.Join(t.TempDir(), "run")
			vsim(t, "finetune", "--corpus", emojiDir, "--recipe", "tiny", "--init", dir, "--out", into).failed(exitFailed, c.want...)
			vsim(t, "pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--init", dir, "--out", into).failed(exitFailed, c.want...)
			if jsonfile.Exists(run.Dir(into).Result()) {
				t.Error("a failed run has a result")
			}
		})
	}
}

// TestOtherShapes: a corpus or settings that a model's weights do not fit.
func TestOtherShapes(t *testing.T) {
	onCPU(t)
	good := run.Dir(freshModel(t)).Model()
	narrow := copyEmoji(t)
	for _, name := range []string{pointwise, pairwise} {
		changeVideo(t, filepath.Join(narrow, name), -1, func(v *corpus.Video) { v.Frames, v.NumFrames = make([]byte, 2*64), 1 })
	}
	into := filepath.Join(t.TempDir(), "run")
	vsim(t, "finetune", "--corpus", narrow, "--recipe", "tiny", "--init", good, "--out", into).failed(exitFailed, "frame_dim", "64",
		"128")
	vsim(t, "embed", "--model", good, "--records", filepath.Join(narrow, pairwise), "--out",
		filepath.Join(t.TempDir(), "e")).failed(exitFailed, filepath.Join(narrow, pairwise)+": frames are 64 wide", "frame_dim is 128")
	vsim(t, "finetune", "--corpus", emojiDir, "--recipe", "tiny", "--set", "model.hidden_size=64", "--init", good, "--out",
		into).failed(exitFailed, "hidden_size", good)
	vsim(t, "finetune", "--corpus", emojiDir, "--recipe", "tiny", "--init", emojiDir, "--out", into).failed(exitFailed,
		"no model directory")
}

// TestEmbed: records in order, from several files, as flags or arguments; nothing overwritten unasked.
func TestEmbed(t *testing.T) {
	onCPU(t)
	model := run.Dir(freshModel(t)).Model()
	a, b := filepath.Join(emojiDir, "test_a", "test_a.tfrecords"), filepath.Join(emojiDir, "test_b", "test_b.tfrecords")
	out := filepath.Join(t.TempDir(), "e.safetensors")
	o := vsim(t, "embed", "--model", model, "--out", out, "--records", b, a, "--json").ended(exitDone)
	v := o.has("videos", "videos_per_s")
	want := append(recordIDs(t, b), recordIDs(t, a)...)
	near(t, "videos", v["videos"], float64(len(want)), 0)
	set := readSet(t, out)
	for i, id := range want {
		if set.IDs[i] != id {
			t.Fatalf("row %d is id %d, want %d", i, set.IDs[i], id)
		}
	}
	vsim(t, "embed", "--model", model, "--out", out, "--records", b).failed(exitFailed, "embed", "exists; --force overwrites it")
	vsim(t, "embed", "--model", model, "--out", t.TempDir(), "--records", b, "--force").failed(exitFailed, "is a directory")
	again := filepath.Join(filepath.Dir(out), "new", "again.safetensors") // of the run directory, which stands for its model
	model = filepath.Dir(model)
	vsim(t, "embed", "--model", model, "--out", again, "--records", b, "--records", a, "--batch", "7").ended(exitDone)
	for i, v := range readSet(t, again).Data {
		if d := v - set.Data[i]; d > 1e-6 || d < -1e-6 {
			t.Fatalf("value %d is %g in batches of 7, %g in batches of 64", i, v, set.Data[i])
		}
	}
	vsim(t, "embed", "--model", model, "--out", again, "--records", b, b, "--force").failed(exitFailed, "corpus")
}
