// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"vsim/vsimlib/corpus"
)

// masks draws the masks of b videos: leading ones, at least one token, perhaps no frame.
func masks(r *rand.Rand, b, t, n int) (text, frames []int32, real int) {
	text, frames = make([]int32, b*t), make([]int32, b*n)
	for i := range b {
		words, shots := 1+r.IntN(t), r.IntN(n+1)
		for k := range words {
			text[i*t+k] = 1
		}
		for k := range shots {
			frames[i*n+k] = 1
		}
		real += words + shots
	}
	return text, frames, real
}

// TestPack holds every packing to its definition: each real place stands once, in a row of its video's, and Slot leads to it.
func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct{ b, t, n int }{{1, 3, 1}, {2, 9, 5}, {4, 1, 1}, {5, 36, 32}, {7, 4, 9}, {32, 36, 32}, {130, 20, 8}} {
		text, frames, real := masks(r, c.b, c.t, c.n)
		for _, mean := range []float64{0, 7.3, float64(c.t + c.n)} {
			p := Pack(text, frames, c.b, mean)
			source, segment, slot := ints(t, p.Source), ints(t, p.Segment), ints(t, p.Slot)
			dims := p.Source.Shape().Dimensions
			if want := (c.b + 3) / 4; dims[0] != want || dims[1]%8 != 0 || float64(dims[1]*dims[0]) < mean*float64(c.b)-float64(dims[0]) {
				t.Errorf("%+v, mean %g: %v rows, want %d of a multiple of 8 that is long enough", c, mean, dims, want)
			}
			if !reflect.DeepEqual(dims, p.Segment.Shape().Dimensions) || len(slot) != c.b*(c.t+c.n) {
				t.Fatalf("%+v: segments %s, %d slots", c, p.Segment.Shape(), len(slot))
			}
			row := map[int32]int{} // of a video
			found := 0
			for at, place := range source {
				video := segment[at]
				if video < 0 {
					if place != 0 {
						t.Errorf("%+v: filler %d stands for place %d", c, at, place)
					}
					continue
				}
				found++
				mask, of := text, int(place)/c.t
				if int(place) >= c.b*c.t {
					mask, of = frames, (int(place)-c.b*c.t)/c.n
					place -= int32(c.b * c.t)
				}
				if mask[place] != 1 || of != int(video) || slot[source[at]] != int32(at) {
					t.Fatalf("%+v: at %d stands place %d of video %d (mask %d), its slot is %d", c, at, source[at], video, mask[place], slot[source[at]])
				}
				if first, seen := row[video]; seen && first != at/dims[1] {
					t.Fatalf("%+v: video %d lies in rows %d and %d", c, video, first, at/dims[1])
				}
				row[video] = at / dims[1]
			}
			if found != real {
				t.Errorf("%+v: %d positions stand in the rows, %d are real", c, found, real)
			}
		}
	}
}

// TestPackIsTight: with the competition's lengths hardly anything is filled up.
func TestPackIsTight(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	filled, real := 0, 0
	for range 20 {
		text, frames, n := masks(r, 128, 36, 32)
		p := Pack(text, frames, 128, 0)
		filled, real = filled+p.Source.Shape().Size(), real+n
	}
	if share := float64(filled) / float64(real); share > 1.08 {
		t.Errorf("the packed rows have %.3f of the real positions", share)
	}
}

// TestInputsPack: the builder packs what it has read, as long as the corpus makes likely.
func TestInputsPack(t *testing.T) {
	c := small()
	videos := []corpus.Video{video(1, 3, 2, 3), video(2, 1, 0, 3), video(3, 30, 9, 3)}
	plain, err := builder(t, c).Inputs(videos)
	if err != nil || plain.Source != nil || len(plain.Tensors()) != 4 {
		t.Fatalf("packed without being asked (%v)", err)
	}
	c.Pack = true
	b := builder(t, c)
	in, err := b.Inputs(videos)
	if err != nil {
		t.Fatal(err)
	}
	want := Pack(ints(t, in.TextMask), ints(t, in.FrameMask), 3, 0)
	if !reflect.DeepEqual(ints(t, in.Source), ints(t, want.Source)) || len(in.Tensors()) != 7 {
		t.Error("the packing is not that of the masks")
	}
	// Real lengths with [CLS] and two [SEP]: 6+2, 4+0, 9+5.
	if err := b.Measure(len(videos), func(i int) (corpus.Video, error) { return videos[i], nil }); err != nil {
		t.Fatal(err)
	}
	if want := (8 + 4 + 14) / 3.; b.length != want {
		t.Errorf("a video has %g positions, want %g", b.length, want)
	}
	if in, err = b.Inputs(videos[1:2]); err != nil || in.Source.Shape().Dimensions[1] != 8 {
		t.Errorf("one short video lies in a row of %v (%v), want the usual length", in.Source.Shape(), err)
	}
}
