// SPDX-License-Identifier: Apache-2.0

package step

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/half"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
)

// fixture is a small step of pretraining: resolved recipe, fresh weights, and the arrays of one batch.
type fixture struct {
	recipe    recipe.Recipe
	objective Pretraining
	store     *model.Store
	parts     []*batch.Pretrain
	arrays    []any             // of the first part
	weights   []*model.Variable // that the last call of gradients has derived by
}

// newFixture makes six videos of odd sizes, some without frames, title or tags.
func newFixture(t *testing.T, set ...string) *fixture {
	t.Helper()
	r, err := recipe.Load("tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{"model.hidden_size=12", "model.intermediate_size=20", "model.max_text=7", "model.max_frames=3",
		"model.embedding_dim=6", "pretrain.batch=6"}, set...) {
		if err := r.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "红", "蓝", "绿", "猫", "狗", "鱼", "山", "水", "火"}
	tokens, err := tokenizer.NewVocab(words)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Resolve(recipe.Sizes{VocabSize: len(words), FrameDim: 7, NumTags: 3}); err != nil {
		t.Fatal(err)
	}
	f := &fixture{recipe: r, objective: Pretraining{losses.TasksOf(r.Pretrain)}}
	if f.store, err = multimodal.NewStore(r.Model, r.Pretrain.Seed); err != nil {
		t.Fatal(err)
	}
	builder, err := PretrainBuilder(r, 1, tokens, []int64{500, 600, 700})
	if err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(1, 2))
	videos := make([]corpus.Video, r.Pretrain.Batch)
	for i := range videos {
		videos[i] = smallVideo(i, words[5:], draw)
	}
	parts, err := PretrainParts(builder, r.Pretrain, 0, videos, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewPretrainBatch(r.Pretrain, parts)
	if err != nil {
		t.Fatal(err)
	}
	f.parts = parts
	f.arrays = values(b.parts[0])
	return f
}

func smallVideo(i int, words []string, draw *rand.Rand) corpus.Video {
	v := corpus.Video{ID: int64(1000 + 3*i), NumFrames: (i + 3) % 6}
	for range i % 6 {
		v.Title += words[3*(i%3)+draw.IntN(3)]
	}
	for range v.NumFrames {
		for d := range 7 {
			x := math.Sin(float64(i%3*7+d)) + 0.3*draw.NormFloat64()
			v.Frames = binary.LittleEndian.AppendUint16(v.Frames, half.FromFloat32(float32(x)))
		}
	}
	if i%7 != 0 {
		v.Tags = []int64{int64(500 + 100*(i%3)), 999} // 999 is not in the list
	}
	return v
}

// call runs a graph over the fixture's weights on its batch and others.
func (f *fixture) call(t *testing.T, backend compute.Backend, others []any,
	build func(*model.Store, []*Node) []*Node) ([]*tensors.Tensor, *Graph) {
	t.Helper()
	exec, err := model.NewExec(backend, f.store, func(s *model.Scope, in []*Node) []*Node { return build(s.Store(), in) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	out, g, err := exec.CallWithGraph(append(f.arrays[:len(f.arrays):len(f.arrays)], others...)...)
	if err != nil {
		t.Fatal(err)
	}
	return out, g
}
