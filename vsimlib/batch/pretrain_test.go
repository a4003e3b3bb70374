// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
)

// crowd is a batch of odd videos: no title, no frames, unknown words, literal special tokens, long ones.
func crowd(n int) []corpus.Video {
	videos := make([]corpus.Video, n)
	for i := range videos {
		videos[i] = video(int64(100+i), i%12, i%8, 3, testTags[i%5])
		if i%4 == 1 {
			videos[i].Title += " zzz [MASK] w3 [PAD] [UNK] w4 [SEP] [CLS] w5"
		}
	}
	return videos
}

// checkLists fails unless the lists of a batch tell exactly what was hidden from the plain inputs.
func checkLists(t *testing.T, b *Builder, p *Pretrain, videos []corpus.Video) (words, frames int) {
	t.Helper()
	plain, err := b.Inputs(videos)
	if err != nil {
		t.Fatal(err)
	}
	original, masked := ints(t, plain.TextIDs), ints(t, p.TextIDs)
	positions, labels, weights := ints(t, p.MLMPositions), ints(t, p.MLMLabels), floats(t, p.MLMWeights)
	if len(positions) != len(labels) || len(positions) != len(weights) || len(positions) < 1 {
		t.Fatalf("lists of %d, %d and %d", len(positions), len(labels), len(weights))
	}
	listed := map[int32]bool{}
	for i, at := range positions {
		switch weights[i] {
		case 1:
			if words++; i != words-1 {
				t.Fatal("fillers before the end")
			}
			if listed[at] || labels[i] != original[at] || b.tokens.Special(original[at]) {
				t.Fatalf("position %d: label %d, the token was %d", at, labels[i], original[at])
			}
			if masked[at] < 0 || masked[at] >= vocabSize {
				t.Fatalf("position %d: id %d is not in the vocabulary", at, masked[at])
			}
			listed[at] = true
		case 0:
			if at != 0 || labels[i] != 0 {
				t.Fatalf("filler %d is %d, %d", i, at, labels[i])
			}
		default:
			t.Fatalf("weight %v", weights[i])
		}
	}
	for at := range original {
		if masked[at] != original[at] && !listed[int32(at)] {
			t.Fatalf("token %d changed and is in no list", at)
		}
	}
	if !reflect.DeepEqual(ints(t, p.TextMask), ints(t, plain.TextMask)) ||
		!reflect.DeepEqual(halves(t, p.Frames), halves(t, plain.Frames)) {
		t.Fatal("text mask or frames are not the originals")
	}

	have, hidden := ints(t, p.FrameMask), ints(t, p.FrameMasked)
	at, weight := ints(t, p.MFMPositions), floats(t, p.MFMWeights)
	count := 0
	for i := range at {
		if weight[i] == 1 {
			if have[at[i]] != 1 || hidden[at[i]] != 1 || i != frames {
				t.Fatalf("frame %d: real %d, hidden %d", at[i], have[at[i]], hidden[at[i]])
			}
			frames++
		} else if weight[i] != 0 || at[i] != 0 {
			t.Fatalf("filler %d is %d of weight %v", i, at[i], weight[i])
		}
	}
	for _, h := range hidden {
		count += int(h)
	}
	if count != frames || len(at) < 1 {
		t.Fatalf("%d frames hidden, %d of %d in the list", count, frames, len(at))
	}
	return words, frames
}

func TestPretrainLists(t *testing.T) {
	for _, layout := range []string{competition.LayoutCLSFirst, competition.LayoutFramesFirst} {
		for _, p := range []float64{0, 0.01, 0.15, 0.6, 1} {
			for _, n := range []int{1, 2, 3, 17, 64} {
				c := small()
				c.Layout, c.MLMProbability, c.MFMProbability = layout, p, p
				b := builder(t, c)
				videos := crowd(n)
				for step := range 3 {
					batch, err := b.Pretrain(videos, 1, step, nil)
					if err != nil {
						t.Fatal(err)
					}
					words, frames := checkLists(t, b, batch, videos)
					if p == 0 && (words+frames > 0 || batch.MLMPositions.Size() != 1 || batch.MFMPositions.Size() != 1) {
						t.Fatalf("probability 0 hides %d and %d", words, frames)
					}
					if p == 1 && (words != eligible(t, b, videos) || frames != total(ints(t, batch.FrameMask))) {
						t.Fatalf("probability 1 hides %d words of %d, %d frames", words, eligible(t, b, videos), frames)
					}
				}
			}
		}
	}
}

// eligible counts the tokens that may be hidden.
func eligible(t *testing.T, b *Builder, videos []corpus.Video) int {
	in, err := b.Inputs(videos)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, id := range ints(t, in.TextIDs) {
		if id >= firstWord {
			count++
		}
	}
	return count
}

func total(list []int32) (sum int) {
	for _, x := range list {
		sum += int(x)
	}
	return sum
}

// TestMaskStatistics holds the shares of some 100,000 draws with fixed seeds against their expectation, to 4.5 standard deviations.
func TestMaskStatistics(t *testing.T) {
	c := small()
	c.MaxText, c.MaxFrames = 43, 32
	b := builder(t, c)
	videos := make([]corpus.Video, 128)
	for i := range videos {
		videos[i] = video(int64(i), 40, 32, 3)
	}
	var chosen, toMask, toRandom, kept, frames float64
	ids := map[int32]float64{}
	perPosition := make([]float64, c.MaxText)
	const steps = 40
	for step := range steps {
		p, err := b.Pretrain(videos, 7, step, nil)
		if err != nil {
			t.Fatal(err)
		}
		words, hidden := checkLists(t, b, p, videos)
		chosen, frames = chosen+float64(words), frames+float64(hidden)
		masked, positions, labels := ints(t, p.TextIDs), ints(t, p.MLMPositions), ints(t, p.MLMLabels)
		for i := range words {
			perPosition[int(positions[i])%c.MaxText]++
			switch id := masked[positions[i]]; id {
			case mask:
				toMask++
			case labels[i]:
				kept++
			default:
				toRandom++
				ids[id]++
			}
		}
	}
	n := float64(steps * 128 * 40)
	// A random id is the original or [MASK] once in a vocabulary, so it hides there.
	lost := 0.1 / vocabSize
	share := func(what string, got, n, p float64) {
		t.Helper()
		if z := (got - n*p) / math.Sqrt(n*p*(1-p)); math.Abs(z) > 4.5 {
			t.Errorf("%s: %.0f of %.0f, expected %.0f (%.1f standard deviations)", what, got, n, n*p, z)
		}
	}
	share("chosen words", chosen, n, 0.15)
	share("[MASK]", toMask, chosen, 0.8+lost)
	share("kept", kept, chosen, 0.1+lost)
	share("random", toRandom, chosen, 0.1-2*lost)
	share("frames", frames, steps*128*32, 0.135)
	for at := 2; at < 42; at++ { // [CLS] [SEP] w… [SEP]
		share("a position", perPosition[at], steps*128, 0.15)
	}
	// Random ids are uniform over the whole vocabulary, special tokens too, but for [MASK] counted above.
	chi, each := 0.0, toRandom/(vocabSize-1)
	for id := range int32(vocabSize) {
		if id != mask {
			chi += (ids[id] - each) * (ids[id] - each) / each
		}
	}
	if free := float64(vocabSize - 2); chi > free+4.5*math.Sqrt(2*free) {
		t.Errorf("random ids: chi square %.0f with %.0f degrees of freedom", chi, free)
	}
}

func TestPretrainIsAFunctionOfItsArguments(t *testing.T) {
	b, videos := builder(t, small()), crowd(40)
	same := func(x, y *Pretrain) bool {
		return reflect.DeepEqual(ints(t, x.TextIDs), ints(t, y.TextIDs)) &&
			reflect.DeepEqual(ints(t, x.FrameMasked), ints(t, y.FrameMasked))
	}
	build := func(b *Builder, videos []corpus.Video, seed int64, step int) *Pretrain {
		p, err := b.Pretrain(videos, seed, step, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := build(b, videos, 3, 10)
	if !same(first, build(builder(t, small()), crowd(40), 3, 10)) {
		t.Error("another builder hides something else")
	}
	if same(first, build(b, videos, 4, 10)) || same(first, build(b, videos, 3, 11)) || same(first, build(b, videos, -3, 10)) {
		t.Error("another seed or step hides the same")
	}
	// A row does not depend on the other rows.
	fewer := build(b, videos[:7], 3, 10)
	if !reflect.DeepEqual(ints(t, fewer.TextIDs), ints(t, first.TextIDs)[:7*9]) ||
		!reflect.DeepEqual(ints(t, fewer.FrameMasked), ints(t, first.FrameMasked)[:7*5]) {
		t.Error("rows depend on other rows")
	}
	part, err := b.PretrainPart(videos[7:19], 3, 10, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(ints(t, part.TextIDs), ints(t, first.TextIDs)[7*9:19*9]) ||
		!reflect.DeepEqual(ints(t, part.FrameMasked), ints(t, first.FrameMasked)[7*5:19*5]) {
		t.Error("a part hides something else than the whole")
	}
	// Frames do not depend on the words' settings.
	c := small()
	c.MLMProbability = 0.5
	if other := build(builder(t, c), videos, 3, 10); !reflect.DeepEqual(ints(t, other.FrameMasked), ints(t, first.FrameMasked)) {
		t.Error("the frames hidden depend on the share of words")
	}
	// Two rows of the same video are masked differently.
	twins := build(builder(t, Config{MaxText: 43, MaxFrames: 32, FrameDim: 3, Layout: competition.LayoutFramesFirst,
		MLMProbability: 0.5, MFMProbability: 0.5}),
		[]corpus.Video{video(1, 40, 32, 3), video(1, 40, 32, 3)}, 3, 10)
	if ids := ints(t, twins.TextIDs); reflect.DeepEqual(ids[:43], ids[43:]) {
		t.Error("two rows have the same mask")
	}
	if !reflect.DeepEqual(first.IDs[:2], []int64{100, 101}) {
		t.Errorf("IDs %v", first.IDs)
	}
}

func TestPretrainValues(t *testing.T) {
	p, err := builder(t, small()).Pretrain(crowd(3), 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{p.TextIDs, p.TextMask, p.Frames, p.FrameMask, p.FrameMasked, p.MLMPositions, p.MLMLabels, p.MLMWeights,
		p.MFMPositions, p.MFMWeights, p.Tags, p.TagValid}
	got := Values(p.Fields(p.Packed()))
	if len(got) != len(want) {
		t.Fatalf("%d tensors, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("value %d is not the field with that index", i)
		}
	}
	wantShape(t, "FrameMasked", p.FrameMasked, "(Int32)[3, 5]")
	wantShape(t, "Tags", p.Tags, "(Int32)[3, 32]")
	wantShape(t, "TagValid", p.TagValid, "(Float32)[3]")
}

func TestTags(t *testing.T) {
	videos := []corpus.Video{video(1, 1, 1, 3, 44, 11, 99, 44), video(2, 1, 1, 3, 99), video(3, 1, 1, 3), video(4, 1, 1, 3, 22)}
	b := builder(t, small())
	p, err := b.Pretrain(videos, 1, 1, []bool{true, true, true, false})
	if err != nil {
		t.Fatal(err)
	}
	tags := ints(t, p.Tags)
	for row, want := range [][]int32{{0, 3, -1}, {-1, -1, -1}, {-1, -1, -1}, {-1, -1, -1}} {
		if got := tags[row*32 : row*32+3]; !reflect.DeepEqual(got, want) {
			t.Errorf("row %d: classes %v, want %v", row, got, want)
		}
	}
	if got := floats(t, p.TagValid); !reflect.DeepEqual(got, []float32{1, 1, 1, 0}) {
		t.Errorf("TagValid %v", got)
	}
	if _, err := b.Pretrain(videos, 1, 1, []bool{true}); err == nil || !strings.Contains(err.Error(), "4 videos but 1 marks") {
		t.Errorf("error %v", err)
	}
	if _, err := b.Pretrain([]corpus.Video{video(8, 1, 1, 2)}, 1, 1, nil); err == nil || !strings.Contains(err.Error(), "video 8") {
		t.Errorf("error %v", err)
	}
}

// TestManyTags has a video with more classes than the usual array has room for.
func TestManyTags(t *testing.T) {
	var tags []int64
	for i := range int64(33) {
		tags = append(tags, i)
	}
	b, err := NewBuilder(small(), vocabulary(t), tags)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Pretrain([]corpus.Video{video(1, 1, 1, 3, tags...), video(2, 1, 1, 3)}, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantShape(t, "Tags", p.Tags, "(Int32)[2, 64]")
	if got := ints(t, p.Tags); got[32] != 32 || got[33] != -1 || got[64] != -1 {
		t.Errorf("classes %v", got)
	}
}

// TestBudget: after Measure the lists of nearly every batch have one length, well below that for full rows, and a dense batch
// gets a multiple of it.
func TestBudget(t *testing.T) {
	c := small()
	c.MaxText, c.MaxFrames = 36, 32
	b := builder(t, c)
	videos := make([]corpus.Video, 3000)
	for i := range videos {
		videos[i] = video(int64(i), 3+i%9, i%16, 3)
	}
	full, err := b.Pretrain(videos[:64], 1, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	if err := b.Measure(len(videos), func(i int) (corpus.Video, error) { asked++; return videos[i], nil }); err != nil {
		t.Fatal(err)
	}
	if asked != sampleSize || math.Abs(b.masked.mean-7) > 0.2 || math.Abs(b.frames.mean-7.5) > 0.2 {
		t.Errorf("%d videos asked, means %v and %v", asked, b.masked.mean, b.frames.mean)
	}
	shapes := map[[2]int]int{}
	for step := range 200 {
		order := Order(len(videos), 5, step)
		rows := make([]corpus.Video, 64)
		for i := range rows {
			rows[i] = videos[order[i]]
		}
		p, err := b.Pretrain(rows, 5, step, nil)
		if err != nil {
			t.Fatal(err)
		}
		shapes[[2]int{p.MLMPositions.Size(), p.MFMPositions.Size()}]++
	}
	usual := [2]int{b.masked.budget(c.MLMProbability, 64, 36, 0), b.frames.budget(c.MFMProbability, 64, 32, 0)}
	if shapes[usual] < 195 {
		t.Errorf("of 200 batches %d have %v: %v", shapes[usual], usual, shapes)
	}
	if usual[0]%8 != 0 || usual[1]%8 != 0 || usual[0] >= full.MLMPositions.Size() || usual[0] < 64*7*15/100 {
		t.Errorf("shapes %v, %d for full rows", usual, full.MLMPositions.Size())
	}
	// A batch with more than usual: as many eighths more as it takes.
	base := b.masked.budget(0.15, 64, 36, 0)
	for _, count := range []int{base - 1, base, base + 1, 2*base + 1, 64 * 36} {
		got, step := b.masked.budget(0.15, 64, 36, count), roundUp(base/8, 8)
		if got < count || got > 64*36 || ((got-base)%step != 0 && got != 64*36) || got >= max(count, base)+step {
			t.Errorf("a budget of %d for %d, base %d", got, count, base)
		}
	}
	if got := b.masked.budget(1, 1, 2, 2); got != 2 {
		t.Errorf("a budget of %d where there are 2 positions", got)
	}
	if err := b.Measure(5, func(int) (corpus.Video, error) { return corpus.Video{}, errors.New("torn") }); err == nil {
		t.Error("an unreadable video is not reported")
	}
	before := b.masked
	if err := b.Measure(0, nil); err != nil || b.masked != before {
		t.Error("an empty corpus changes the sizes")
	}
}

// BenchmarkPretrain is the competition's batch: 128 videos, 36 tokens, 32 frames of 1536.
func BenchmarkPretrain(b *testing.B) {
	c := Config{MaxText: 36, MaxFrames: 32, FrameDim: 1536, Layout: competition.LayoutCLSFirst, MLMProbability: 0.15,
		MFMProbability: 0.135}
	build := builder(b, c)
	videos := make([]corpus.Video, 128)
	for i := range videos {
		videos[i] = video(int64(i), 19, 15, 1536, 11, 33)
	}
	for step := 0; b.Loop(); step++ {
		if _, err := build.Pretrain(videos, 1, step, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(videos))/b.Elapsed().Seconds(), "videos/s")
}
