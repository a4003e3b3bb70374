// SPDX-License-Identifier: Apache-2.0

package predict

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/step"
)

const emoji = "../../../data/emoji"

// untrained is a model of fresh weights, larger than those of a training so that its answers differ, in a directory; as the n-th
// member.
func untrained(t *testing.T, member int) *Model {
	t.Helper()
	r, _ := recipe.Preset("tiny")
	if err := r.Member(member); err != nil {
		t.Fatal(err)
	}
	r.Model.InitializerRange = 0.3
	source, err := inspect.Open(emoji, r)
	if err != nil {
		t.Fatal(err)
	}
	c := source.Recipe.Model
	store, err := multimodal.NewStore(c, 3)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(c, store)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := multimodal.Save(dir, c, weights, filepath.Join(emoji, "vocab.txt")); err != nil {
		t.Fatal(err)
	}
	m, err := Open(backendstest.Backend(t), dir, source)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// pretrainingLosses is the program of training, without dropout: tag, mlm and mfm of a batch. packed: several videos a row.
func pretrainingLosses(t *testing.T, m *Model, packed bool) func(b *batch.Pretrain) []float64 {
	t.Helper()
	c := m.config
	c.KeepPadding = !packed
	objective := step.Pretraining{}
	objective.Tasks.Tag.On, objective.Tasks.MLM.On, objective.Tasks.MFM.On = true, true, true
	exec, err := model.NewExec(m.backend, m.store, func(s *model.Scope, in []*Node) []*Node {
		return objective.Parts(multimodal.Model{Net: bert.New(s.Store(), in[0].Graph(), c, nil)}, in)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return func(b *batch.Pretrain) []float64 {
		out, err := exec.Call(batch.Values(b.Fields(packed))...)
		if err != nil {
			t.Fatal(err)
		}
		var list []float64
		for _, loss := range out {
			list = append(list, float64(tensors.ToScalar[float32](loss)))
		}
		return list
	}
}

// clip is a video of the shipped corpus: 贵宾犬, 8 frames.
func clip(t *testing.T, m *Model) corpus.Video {
	t.Helper()
	v, err := m.source.Find("pairwise", "贵宾犬")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestFillIn compares every probability with the loss that training's own program, on packed rows, has where that token is the
// label: −ln p.
func TestFillIn(t *testing.T) {
	m := untrained(t, 1)
	filled, err := m.FillIn(clip(t, m), 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(filled.Tokens) != 3 || filled.Tokens[1].Shown != "贵 [MASK] 犬" || filled.Tokens[1].Token != "宾" || filled.Title != "贵宾犬" {
		t.Fatalf("%+v", filled)
	}
	hidden, err := m.hideEach(clip(t, m))
	if err != nil {
		t.Fatal(err)
	}
	packs := m.config
	packs.KeepPadding = false
	builder, err := batch.NewBuilder(batch.ConfigOf(packs), m.tokens, m.source.Tags)
	if err != nil {
		t.Fatal(err)
	}
	b, err := builder.Pretrain([]corpus.Video{clip(t, m), clip(t, m), clip(t, m)}, 1, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.TextIDs, b.MLMWeights = hidden.in.TextIDs, tensors.FromFlatDataAndDimensions([]float32{1}, 1)
	losses := pretrainingLosses(t, m, true)
	loss := func(position int32, word string) float64 {
		id := 0
		for m.tokens.Spelling(int32(id)) != word {
			id++
		}
		b.MLMPositions = tensors.FromFlatDataAndDimensions([]int32{position}, 1)
		b.MLMLabels = tensors.FromFlatDataAndDimensions([]int32{int32(id)}, 1)
		return losses(b)[1]
	}
	for i, token := range filled.Tokens {
		if want := math.Exp(-loss(hidden.positions[i], token.Token)); math.Abs(token.Probability-want) > 1e-4*want {
			t.Errorf("%s: the true token has %g, by the loss %g", token.Shown, token.Probability, want)
		}
		for _, g := range token.Guesses {
			if want := math.Exp(-loss(hidden.positions[i], g.What)); math.Abs(g.Probability-want) > 1e-4*want {
				t.Errorf("%s: %s has %g, by the loss %g", token.Shown, g.What, g.Probability, want)
			}
			if g.Probability < token.Probability {
				t.Errorf("%s: %s of the first three has less than the truth, of rank %d", token.Shown, g.What, token.Rank)
			}
		}
		if len(token.Guesses) != 3 || token.Rank < 4 {
			t.Errorf("%+v", token)
		}
	}
	if _, err := m.FillIn(corpus.Video{Title: ""}, 3); err == nil || !strings.Contains(err.Error(), "no token to hide") {
		t.Errorf("without a title: %v", err)
	}
}

// TestPickFrames compares the mean of −ln of the true frames' probabilities with the loss of training's own program, on packed
// rows, in both layouts.
func TestPickFrames(t *testing.T) {
	for _, member := range []int{1, 2} {
		m := untrained(t, member)
		set, err := m.source.Corpus.Part("test_a")
		if err != nil {
			t.Fatal(err)
		}
		var videos []corpus.Video
		for i := range 12 {
			v, err := set.Video(7 * i)
			if err != nil {
				t.Fatal(err)
			}
			videos = append(videos, v)
		}
		picked, err := m.PickFrames(videos)
		if err != nil {
			t.Fatal(err)
		}
		source := *m.source
		source.Recipe.Model = m.config
		source.Recipe.Model.KeepPadding = false
		builder, err := step.PretrainBuilder(source.Recipe, 1, m.tokens, source.Tags)
		if err != nil {
			t.Fatal(err)
		}
		b, err := builder.Pretrain(videos, source.Recipe.Pretrain.Seed, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, want := picked.Summary, pretrainingLosses(t, m, true)(b)[2]
		if math.Abs(s.Loss-want) > 1e-4*want || s.Hidden < 3 || s.Candidates < 24 || s.Clips != 12 {
			t.Errorf("member %d: %+v, the loss of training is %g", member, s, want)
		}
		drawn, err := m.Batch("test_a")
		if err != nil || len(drawn) != m.source.Recipe.Pretrain.Batch || drawn[0].ID == drawn[1].ID || drawn[0].ID == set.ID(0) {
			t.Errorf("a batch of %d videos, %v", len(drawn), err)
		}
		for _, h := range picked.Hidden {
			sum := 0.0
			for _, p := range h.Probabilities {
				sum += p
			}
			if math.Abs(sum-1) > 1e-3 || picked.Candidates[h.True] != h.FrameOf || (h.Rank == 1) != (h.Picked == h.True) {
				t.Errorf("member %d: %+v", member, h)
			}
		}
		if _, err := m.PickFrames(videos[:0:0]); err == nil {
			t.Error("frames of no video")
		}
	}
}

// TestPick ranks by hand.
func TestPick(t *testing.T) {
	candidates := []results.FrameOf{{Clip: 0}, {Clip: 0, Frame: 1}, {Clip: 1}, {Clip: 2}}
	ln := func(p float64) float32 { return float32(math.Log(p)) }
	scores := []float32{ln(0.1), ln(0.2), ln(0.4), ln(0.3)}
	for truth, want := range []int{4, 3, 1, 2} {
		h := pick(scores, candidates, truth)
		if h.Rank != want || h.Picked != 2 || h.FrameOf != candidates[truth] || math.Abs(h.Probabilities[3]-0.3) > 1e-6 {
			t.Errorf("of %d: %+v", truth, h)
		}
	}
	p := results.Picked{Titles: []string{"a", "b", "c"}, Candidates: candidates, Hidden: []results.HiddenFrame{
		pick(scores, candidates, 2), pick(scores, candidates, 1), pick([]float32{5, 0, 0, 0}, candidates, 1)}}
	s := summary(p)
	// −(ln .4 + ln .2 + ln 1/(3+e⁵))/3, and ln 4; of e⁵ and three ones the true frame shares the second rank
	loss := -(math.Log(0.4) + math.Log(0.2) - math.Log(3+math.Exp(5))) / 3
	if s.Right != 1 || s.SameClip != 2 || s.MedianRank != 2 || math.Abs(s.Loss-loss) > 1e-6 || s.Guess != math.Log(4) ||
		s.Information != s.Guess-s.Loss {
		t.Errorf("%+v, want the loss %g", s, loss)
	}
	if h := pick([]float32{2, 1, 2, 0}, candidates, 2); h.Picked != 2 || h.Rank != 1 {
		t.Errorf("of two equal frames: %+v", h)
	}
	if got := highest([]float32{1, 3, 2, 3}, 3); !slices.Equal(got, []int{1, 3, 2}) {
		t.Errorf("the highest are %v", got)
	}
}

// TestTags compares the mean over all tags of the binary cross-entropy with the loss of training's own program, for a tag head on
// [CLS] and one on the embedding.
func TestTags(t *testing.T) {
	for _, member := range []int{1, 2} {
		m := untrained(t, member)
		v := clip(t, m)
		logits, err := m.tagLogits(v)
		if err != nil {
			t.Fatal(err)
		}
		list, err := m.Tags(v, 5)
		if err != nil {
			t.Fatal(err)
		}
		mean, own := 0.0, 0
		for class, x := range logits {
			p := sigmoid(x)
			if slices.Contains(v.Tags, m.source.Tags[class]) {
				own++
				mean -= math.Log(p) / float64(len(logits))
			} else {
				mean -= math.Log1p(-p) / float64(len(logits))
			}
		}
		builder, err := m.builder(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := builder.Pretrain([]corpus.Video{v}, 1, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := pretrainingLosses(t, m, false)(b)[0]; math.Abs(mean-want) > 1e-4*want {
			t.Errorf("member %d: cross-entropy %g, the loss of training is %g", member, mean, want)
		}
		marked := 0
		for i, g := range list {
			if g.True {
				marked++
			}
			if i < 5 && g.Rank != i+1 || i > 0 && g.Probability > list[i-1].Probability || i >= 5 && !g.True || g.Frequency <= 0 {
				t.Errorf("guess %d: %+v", i, g)
			}
		}
		if marked != own || own == 0 || !strings.Contains(list[0].Tag, "(") {
			t.Errorf("%d of %d tags are marked in %+v", marked, own, list)
		}
	}
}

// TestOpenRefuses names what does not fit.
func TestOpenRefuses(t *testing.T) {
	m := untrained(t, 1)
	other := *m.source
	other.Tags = other.Tags[1:]
	dir := t.TempDir()
	if _, err := Open(m.backend, dir, m.source); err == nil {
		t.Error("an empty directory is a model")
	}
	weights, err := multimodal.Weights(m.config, m.store)
	if err != nil {
		t.Fatal(err)
	}
	if err := multimodal.Save(dir, m.config, weights, filepath.Join(emoji, "vocab.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(m.backend, dir, &other); err == nil || !strings.Contains(err.Error(), "663 tags, but the corpus has 662") {
		t.Errorf("a corpus of fewer tags: %v", err)
	}
}
