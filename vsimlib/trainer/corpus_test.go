// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/half"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tfrecord"
)

// smallCorpus writes a corpus of a few dozen made-up videos whose topics show in title, frames, tags and labels: odd sizes, some
// videos without frames, title or tags. Ids are multiples chosen so that every split has pairs on both sides.
func smallCorpus(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "红", "蓝", "绿", "猫", "狗", "鱼", "山", "水", "火"}
	write(t, filepath.Join(dir, "vocab.txt"), strings.Join(words, "\n")+"\n")
	write(t, filepath.Join(dir, "tag_list.txt"), "700\n500\n600\n")
	r := rand.New(rand.NewPCG(1, 2))
	var videos []corpus.Video
	for i := range 41 {
		videos = append(videos, smallVideo(i, words[5:], r))
	}
	records(t, filepath.Join(dir, "pointwise", "pretrain_0.tfrecords"), videos, true)
	records(t, filepath.Join(dir, "pairwise", "pairwise.tfrecords"), videos[:31], true)
	records(t, filepath.Join(dir, "test_a", "test_a.tfrecords"), videos[31:], false)
	var labels strings.Builder
	for range 190 {
		a, b := r.IntN(31), r.IntN(31)
		same := 0.0
		if a%3 == b%3 {
			same = 0.5
		}
		fmt.Fprintf(&labels, "%d\t%d\t%.2f\n", videos[a].ID, videos[b].ID, same+0.05*float64(r.IntN(10)))
	}
	write(t, filepath.Join(dir, "pairwise", "label.tsv"), labels.String())
	return dir
}

func smallVideo(i int, words []string, r *rand.Rand) corpus.Video {
	v := corpus.Video{ID: int64(1000 + 3*i), Category: int64(10100 + i%3)}
	for range i % 6 {
		v.Title += words[3*(i%3)+r.IntN(3)]
	}
	for k := range i % 5 { // what is said is only read where a recipe says so
		v.ASRText += words[3*(i%3)+k%3]
	}
	v.NumFrames = (i + 3) % 6
	for range v.NumFrames {
		for d := range 7 {
			x := math.Sin(float64(i%3*7+d)) + 0.3*r.NormFloat64()
			v.Frames = binary.LittleEndian.AppendUint16(v.Frames, half.FromFloat32(float32(x)))
		}
	}
	if i%7 != 0 {
		v.Tags = []int64{int64(500 + 100*(i%3)), 999} // 999 is not in the list
	}
	return v
}

func records(t *testing.T, path string, videos []corpus.Video, labels bool) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tfrecord.NewWriter(f)
	for _, v := range videos {
		data, err := corpus.AppendVideo(nil, v, labels)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// smallRecipe trains in a second; checkpoints and validations fall on different steps.
func smallRecipe(t *testing.T, set ...string) recipe.Recipe {
	t.Helper()
	r, err := recipe.Load("tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{"model.hidden_size=12", "model.intermediate_size=20", "model.max_text=7", "model.max_frames=3",
		"model.embedding_dim=6", "pretrain.batch=6", "pretrain.epochs=2", "pretrain.checkpoint_every=4", "pretrain.val_every=3",
		"pretrain.val_videos=13",
		"finetune.batch=16", "finetune.epochs=1", "finetune.max_pairs=0", "finetune.checkpoint_every=4",
		"finetune.val_every=3"}, set...) {
		if err := r.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
