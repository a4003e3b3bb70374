// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"vsim/vsimlib/corpus"
)

// masks draws the masks of b videos' tokens and their numbers of frames: at least one token, perhaps no frame.
func masks(r *rand.Rand, b, t, n int) (text []int32, frames []int, real int) {
	text, frames = make([]int32, b*t), make([]int, b)
	for i := range b {
		words, shots := 1+r.IntN(t), r.IntN(n+1)
		for k := range words {
			text[i*t+k] = 1
		}
		frames[i] = shots
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
			var owner []int // of each frame
			var number []int32
			for i, shots := range frames {
				for k := range shots {
					owner, number = append(owner, i), append(number, int32(k))
				}
			}
			q := len(owner) + r.IntN(3) + 1
			p := Pack(text, frames, q, mean)
			source, segment, slot := ints(t, p.Source), ints(t, p.Segment), ints(t, p.Slot)
			if got := ints(t, p.FrameNumber); !reflect.DeepEqual(got, append(number, make([]int32, q-len(number))...)) {
				t.Errorf("%+v: frames are numbered %v", c, got)
			}
			dims := p.Source.Shape().Dimensions
			if want := (c.b + 3) / 4; dims[0] != want || dims[1]%8 != 0 || float64(dims[1]*dims[0]) < mean*float64(c.b)-float64(dims[0]) {
				t.Errorf("%+v, mean %g: %v rows, want %d of a multiple of 8 that is long enough", c, mean, dims, want)
			}
			if !reflect.DeepEqual(dims, p.Segment.Shape().Dimensions) || len(slot) != c.b*c.t+q {
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
				var of int
				if frame := int(place) - c.b*c.t; frame >= 0 {
					of = owner[frame]
				} else if of = int(place) / c.t; text[place] != 1 {
					t.Fatalf("%+v: at %d stands padding %d", c, at, place)
				}
				if of != int(video) || slot[place] != int32(at) {
					t.Fatalf("%+v: at %d stands place %d of video %d, not %d; its slot is %d", c, at, place, of, video, slot[place])
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
		p := Pack(text, frames, 128*32, 0)
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
	want := Pack(ints(t, in.TextMask), []int{2, 0, 5}, 3*5, 0) // of nine frames five are taken
	if !reflect.DeepEqual(ints(t, in.Source), ints(t, want.Source)) || len(in.Tensors()) != 8 {
		t.Error("the packing is not that of the masks")
	}
	rows := halves(t, plain.Frames) // [3,5,3]
	if got, want := halves(t, in.Frames), slices.Concat(rows[:2*3], rows[10*3:], make([]uint16, 8*3)); !reflect.DeepEqual(got, want) {
		t.Errorf("frames %x, want %x", got, want)
	}
	if got := ints(t, in.FrameMask); !reflect.DeepEqual(got, []int32{1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("frame mask %v", got)
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
