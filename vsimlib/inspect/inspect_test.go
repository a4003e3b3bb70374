// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tokenizer"
)

const emoji = "../../data/emoji"

// poodle is a record of the shipped corpus: 贵宾犬, 8 frames.
const poodle = "贵宾犬"

func vocabulary(t *testing.T) *tokenizer.Tokenizer {
	t.Helper()
	tokens, err := tokenizer.LoadVocab(filepath.Join(emoji, "vocab.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func shipped(t *testing.T) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Open(emoji)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// resolved is the preset tiny on the shipped corpus, as the n-th member.
func resolved(t *testing.T, n int) recipe.Recipe {
	t.Helper()
	r, _ := recipe.Preset("tiny")
	if err := r.Member(n); err != nil {
		t.Fatal(err)
	}
	if err := r.Resolve(recipe.Sizes{VocabSize: 21128, FrameDim: 128, NumTags: 663}); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecord(t *testing.T) {
	c := shipped(t)
	tags, err := c.Tags()
	if err != nil {
		t.Fatal(err)
	}
	records := []string{filepath.Join(emoji, "pairwise", "pairwise.tfrecords")}
	source := &Source{Recipe: resolved(t, 1), Tokenizer: vocabulary(t), Tags: tags}
	r, err := source.Record(records, poodle)
	if err != nil {
		t.Fatal(err)
	}
	f := r.Framing
	if f.FlippedBits != 8*(f.DataBytes+16) || f.FlippedNoticed != f.FlippedBits || f.File != "pairwise.tfrecords" {
		t.Errorf("framing %+v", f)
	}
	// The bytes unchanged in the file, at the offset that was found.
	data, err := os.ReadFile(filepath.Join(emoji, "pairwise", "pairwise.tfrecords"))
	if err != nil {
		t.Fatal(err)
	}
	if got := hex(data[f.Offset : f.Offset+12]); got != f.Header {
		t.Errorf("header %s, in the file %s", f.Header, got)
	}
	if end := f.Offset + 12 + int64(f.DataBytes); hex(data[end:end+4]) != f.DataChecksum {
		t.Errorf("checksum %s, in the file %s", f.DataChecksum, hex(data[end:end+4]))
	}
	names := []string{}
	for _, feature := range r.Features {
		names = append(names, feature.Name)
		if feature.Name == "frame_feature" && (feature.Values != 8 || feature.Bytes != 8*128*2) {
			t.Errorf("frames %+v", feature)
		}
	}
	if slices.Sort(names); strings.Join(names, " ") != "asr_text category_id frame_feature id tag_id title" {
		t.Errorf("features %v", names)
	}
	set, err := c.Part("pairwise")
	if err != nil {
		t.Fatal(err)
	}
	at, _ := set.Find(r.ID)
	v, err := set.Video(at)
	if err != nil || v.Title != poodle || len(r.Frames) != v.NumFrames || len(r.Tags) != len(v.Tags) {
		t.Errorf("%+v of %+v, %v", r, v, err)
	}
	if r.Cosines[2][2] < 0.999999 || r.Cosines[1][5] != r.Cosines[5][1] || math.Abs(r.Nearest) > 1 {
		t.Errorf("cosines %v", r.Cosines)
	}
	// cls_first: [CLS], 4 frames, [SEP] 贵 宾 犬 [SEP] and padding; position ids restart with each modality.
	var holds, positions []string
	for _, p := range r.Positions {
		holds, positions = append(holds, p.Holds), append(positions, string(rune('0'+p.PositionID)))
	}
	if got := strings.Join(holds[:11], " "); got != "[CLS] frame 1 frame 2 frame 3 frame 4 [SEP] 贵 宾 犬 [SEP] [PAD]" {
		t.Errorf("places %s", got)
	}
	if got := strings.Join(positions[:11], ""); got != "00123123456" || r.Real != 10 || len(r.Positions) != 16 {
		t.Errorf("position ids %s, %d real of %d", got, r.Real, len(r.Positions))
	}
	if r.Listed == 0 || r.Listed > len(r.Tags) {
		t.Errorf("tags %+v, %d listed", r.Tags, r.Listed)
	}
	for _, tag := range r.Tags {
		if tag.Class >= 0 && tags[tag.Class] != tag.ID {
			t.Errorf("tag %+v is class %d", tag, tag.Class)
		}
	}
	if _, err := source.Record(records, "no such title"); err == nil {
		t.Error("a title that no record has is found")
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

func hex(data []byte) string {
	var parts []string
	for _, b := range data {
		parts = append(parts, string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15]))
	}
	return strings.Join(parts, " ")
}

// batches builds the first n batches of 16 videos of pairwise, in the file's order.
func batches(t *testing.T, r recipe.Recipe, packed bool, n int) (all []*batch.Pretrain, titles []string) {
	t.Helper()
	c := shipped(t)
	tags, err := c.Tags()
	if err != nil {
		t.Fatal(err)
	}
	config := batch.ConfigOf(r.Model)
	config.Pack = config.Pack && packed
	config.MLMProbability, config.MFMProbability = r.Pretrain.MLMProbability, r.Pretrain.MFMProbability
	builder, err := batch.NewBuilder(config, vocabulary(t), tags)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.Part("pairwise")
	if err != nil {
		t.Fatal(err)
	}
	for step := range n {
		var videos []corpus.Video
		for i := range 16 {
			v, err := set.Video(step*16 + i)
			if err != nil {
				t.Fatal(err)
			}
			videos, titles = append(videos, v), append(titles, v.Title)
		}
		b, err := builder.Pretrain(videos, 1, step, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all, titles
}

// TestDescribe compares the kinds with the masks that the batch has, in both layouts.
func TestDescribe(t *testing.T) {
	for _, member := range []int{1, 2} {
		r := resolved(t, member)
		all, titles := batches(t, r, false, 1)
		packed, _ := batches(t, r, true, 1)
		b := all[0]
		m, err := (&Source{Recipe: r, Tokenizer: vocabulary(t)}).describe(b, packed[0], titles)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Positions) != 16 || len(m.Positions[0]) != r.Model.Sequence() || len(m.Arrays) != 16 {
			t.Fatalf("%d × %d places, %d arrays", len(m.Positions), len(m.Positions[0]), len(m.Arrays))
		}
		first, second := results.SpecialToken, results.Frame // [CLS], then a frame or a zeroed one
		if r.Model.Layout == competition.LayoutFramesFirst {
			first, second = results.Frame, results.SpecialToken
		}
		if got := m.Positions[0][0]; got != first && (first != results.Frame || got != results.FrameZeroed) {
			t.Errorf("member %d begins with kind %d, want %d", member, got, first)
		}
		if second == results.SpecialToken && m.Positions[0][r.Model.MaxFrames] != results.SpecialToken {
			t.Errorf("member %d: kind %d behind the frames", member, m.Positions[0][r.Model.MaxFrames])
		}
		zeroed, err := ints(b.FrameMasked)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, row := range zeroed {
			for _, x := range row {
				want += int(x)
			}
		}
		words, err := chosen(b)
		if err != nil {
			t.Fatal(err)
		}
		if m.Count.Zeroed != want || m.Count.Chosen != len(words) || m.Count.Words <= m.Count.Chosen || len(words) == 0 {
			t.Errorf("counts %+v, want %d zeroed and %d chosen", m.Count, want, len(words))
		}
		videos := map[int]bool{}
		for w := range words {
			videos[w/r.Model.TextLength()] = true
		}
		if m.Count.Without != 16-len(videos) {
			t.Errorf("%d of 16 videos have no word to predict, want %d", m.Count.Without, 16-len(videos))
		}
		work := m.Work
		if len(work) != 3 || work[0].Positions != 16*r.Model.Sequence() || work[2].Positions > work[1].Positions ||
			work[1].Positions >= work[0].Positions {
			t.Errorf("work %+v", work)
		}
		own := map[int32]int{} // positions of each video in the packed rows
		for _, row := range m.Segment {
			for _, video := range row {
				own[video]++
			}
		}
		for video, row := range m.Positions {
			length := 0
			for _, kind := range row {
				if kind != results.Padding {
					length++
				}
			}
			if own[int32(video)] != length {
				t.Errorf("video %d has %d packed positions, want %d", video, own[int32(video)], length)
			}
		}
	}
}

// TestMasking counts 40 batches: within five standard deviations of what the paper says, and not of something else.
func TestMasking(t *testing.T) {
	r := resolved(t, 1)
	all, _ := batches(t, r, false, 40)
	var m Masking
	for _, b := range all {
		if err := m.Add(b, vocabulary(t)); err != nil {
			t.Fatal(err)
		}
	}
	shares := m.Shares(0.15, 0.135)
	for _, s := range shares {
		if math.Abs(s.Sigmas) > 5 || s.Of == 0 {
			t.Errorf("%+v", s)
		}
	}
	if other := m.Shares(0.3, 0.135); math.Abs(other[0].Sigmas) < 5 {
		t.Errorf("another probability is not told apart: %+v", other[0])
	}
	if got := shares[1].Drawn + shares[2].Drawn + shares[3].Drawn; got != shares[0].Drawn || shares[1].Of != got {
		t.Errorf("the ways add up to %d of %d chosen", got, shares[0].Drawn)
	}
	if empty := new(Masking).Shares(0.15, 0); empty[0].Share != 0 || empty[4].Sigmas != 0 {
		t.Errorf("of nothing: %+v", empty)
	}
}

// TestParameters holds the paper's model against the counts of its facts sheet (millions): encoder 302.3, text 22.2, tag head
// 10.25.
func TestParameters(t *testing.T) {
	r, _ := recipe.Preset("paper")
	if err := r.Resolve(recipe.CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	list := Parameters(r.Model)
	sum := 0
	for _, p := range list[:len(list)-1] {
		sum += p.Parameters
		if p.Weights == 0 || p.Parameters == 0 {
			t.Errorf("%s is empty", p.Part)
		}
	}
	if all := list[len(list)-1]; all.Parameters != sum || all.Part != "all" {
		t.Errorf("all %d, the parts' sum %d", all.Parameters, sum)
	}
	for i, want := range map[int]float64{0: 22.2, 2: 302.3, 4: 10.25, 5: 22.7, 6: 2.6} {
		if got := float64(list[i].Parameters) / 1e6; math.Abs(got-want) > 0.06 {
			t.Errorf("%s has %.2f M, want %.2f", list[i].Part, got, want)
		}
	}
}

func TestShapes(t *testing.T) {
	r := resolved(t, 1)
	list, err := Shapes(backendstest.Backend(t), r.Model, 5, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]string{}
	for _, s := range list {
		sizes[s.Letters] = s.Sizes
	}
	for letters, want := range map[string]string{"B × A × S × S": "5 × 2 × 16 × 16", "B × D": "5 × 32", "B × G": "5 × 663",
		"M × V":         "3 × 21128",
		"P × frame_dim": "2 × 128", "B × F × H": "5 × 4 × 32", "B × T × H": "5 × 12 × 32", "B × S × intermediate_size": "5 × 16 × 64"} {
		if sizes[letters] != want {
			t.Errorf("%s is %q, want %q", letters, sizes[letters], want)
		}
	}
}

// TestAttend looks at a fresh model: every row sums to one over the real positions, and is nearly uniform.
func TestAttend(t *testing.T) {
	r := resolved(t, 1)
	r.Model.NumHiddenLayers = 2
	store, err := multimodal.NewStore(r.Model, 1)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(r.Model, store)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := multimodal.Save(dir, r.Model, weights, filepath.Join(emoji, "vocab.txt")); err != nil {
		t.Fatal(err)
	}
	set, err := shipped(t).Part("pairwise")
	if err != nil {
		t.Fatal(err)
	}
	v, err := set.Video(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, backend := range []compute.Backend{backendstest.Go(t), backendstest.XLA(t)} {
		t.Run(backend.Name(), func(t *testing.T) { attends(t, backend, dir, v) })
	}
}

func attends(t *testing.T, backend compute.Backend, dir string, v corpus.Video) {
	a, err := Attend(backend, dir, v)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Layers) != 2 || len(a.Blocks) != 2 || len(a.Layers[0]) != len(a.Labels) || a.Labels[0] != "[CLS]" {
		t.Fatalf("%d layers, %d rows, labels %v", len(a.Layers), len(a.Layers[0]), a.Labels)
	}
	even := 1 / float64(len(a.Labels))
	for _, layer := range a.Layers {
		for _, row := range layer {
			sum := 0.0
			for _, w := range row {
				if sum += w; w < even/2 || w > 2*even {
					t.Errorf("a fresh model gives %g, even is %g", w, even)
				}
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("a row sums to %g", sum)
			}
		}
	}
	b, toFrames := a.Blocks[1], 0.0
	for _, row := range a.Layers[1] {
		for to, w := range row {
			if strings.HasPrefix(a.Labels[to], "frame ") {
				toFrames += w / float64(len(row))
			}
		}
	}
	if math.Abs(b.AllToFrames-toFrames) > 1e-5 || toFrames == 0 {
		t.Errorf("%g of the attention goes to frames, want %g", b.AllToFrames, toFrames)
	}
	if math.Abs(b.TitleToTitle+b.TitleToFrame-1) > 1e-5 || math.Abs(b.FrameToTitle+b.FrameToFrame-1) > 1e-5 || b.TitleEven <= 0 ||
		b.TitleEven >= 1 {
		t.Errorf("blocks %+v", b)
	}
}
