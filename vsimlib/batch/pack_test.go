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

// TestPack holds every packing to its definition: each real position is in the rows once, in the row of its video, and Slot has its
// index.
func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct{ b, t, n int }{{1, 3, 1}, {2, 9, 5}, {4, 1, 1}, {5, 36, 32}, {7, 4, 9}, {32, 36, 32}, {130, 20, 8}} {
		text, frames, real := masks(r, c.b, c.t, c.n)
		for _, rows := range []struct{ length, usual int }{{c.t + c.n, 0}, {c.t + c.n + 3, c.b/2 + 1}, {2 * (c.t + c.n), c.b}} {
			var owner []int // of each frame
			var number []int32
			for i, shots := range frames {
				for k := range shots {
					owner, number = append(owner, i), append(number, int32(k))
				}
			}
			q := len(owner) + r.IntN(3) + 1
			p := Pack(text, frames, q, rows.length, rows.usual)
			source, segment, slot := ints(t, p.Source), ints(t, p.Segment), ints(t, p.Slot)
			if got := ints(t, p.FrameNumber); !reflect.DeepEqual(got, append(number, make([]int32, q-len(number))...)) {
				t.Errorf("%+v: frames are numbered %v", c, got)
			}
			dims := p.Source.Shape().Dimensions
			if dims[0] < rows.usual || dims[0] > c.b || dims[1] != rows.length {
				t.Errorf("%+v: %v rows, want %+v and no more than videos", c, dims, rows)
			}
			if !reflect.DeepEqual(dims, p.Segment.Shape().Dimensions) || len(slot) != c.b*c.t+q {
				t.Fatalf("%+v: segments %s, %d slots", c, p.Segment.Shape(), len(slot))
			}
			row := map[int32]int{} // of a video
			found := 0
			for at, position := range source {
				video := segment[at]
				if video < 0 {
					if position != 0 {
						t.Errorf("%+v: filler %d is position %d", c, at, position)
					}
					continue
				}
				found++
				var of int
				if frame := int(position) - c.b*c.t; frame >= 0 {
					of = owner[frame]
				} else if of = int(position) / c.t; text[position] != 1 {
					t.Fatalf("%+v: %d is padding %d", c, at, position)
				}
				if of != int(video) || slot[position] != int32(at) {
					t.Fatalf("%+v: %d is position %d of video %d, not %d; its slot is %d", c, at, position, of, video, slot[position])
				}
				if first, seen := row[video]; seen && first != at/dims[1] {
					t.Fatalf("%+v: video %d is in rows %d and %d", c, video, first, at/dims[1])
				}
				row[video] = at / dims[1]
			}
			if found != real {
				t.Errorf("%+v: %d positions are in the rows, %d are real", c, found, real)
			}
		}
	}
}

// TestPackIsTight: with lengths like the competition's hardly anything is filled up, and nearly all batches share few programs.
func TestPackIsTight(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	lengths := func(text []int32, frames []int) []int {
		sums := slices.Clone(frames)
		for i := range sums {
			for _, real := range text[i*36 : (i+1)*36] {
				sums[i] += int(real)
			}
		}
		return sums
	}
	text, frames, _ := masks(r, 512, 36, 32)
	size := rowSizeOf(lengths(text, frames), 68)
	filled, real, numbers := 0, 0, map[int]int{}
	for range 200 {
		text, frames, n := masks(r, 128, 36, 32)
		p := Pack(text, frames, 128*32, size.length, size.usual(128))
		filled, real = filled+p.Source.Shape().Size(), real+n
		numbers[p.Source.Shape().Dimensions[0]]++
	}
	if share := float64(filled) / float64(real); share > 1.08 || size.length > 100 {
		t.Errorf("packed rows of %d have %.3f of the real positions", size.length, share)
	}
	if common := numbers[size.usual(128)]; common < 120 || len(numbers) > 4 {
		t.Errorf("numbers of rows %v, want the usual %d for most batches", numbers, size.usual(128))
	}
}

// TestRowSize chooses rows by hand: full videos have one each; halves fit into a row of the longest; where nothing else goes
// together, a longer row does.
func TestRowSize(t *testing.T) {
	for _, c := range []struct {
		lengths []int
		want    rowSize
		usual   int // of ten videos
	}{
		{[]int{12, 12, 12}, rowSize{12, 1, 0}, 10},
		{[]int{6, 6, 6, 6}, rowSize{12, .5, 0}, 5},
		{[]int{8, 8, 8, 8}, rowSize{16, .5, 0}, 5},
		{[]int{12, 12, 4, 4}, rowSize{16, .5, .25}, 7}, // a deviation of 4 in rows of 16: 1.5·sqrt(10)/4 more than 5
	} {
		got := rowSizeOf(c.lengths, 12)
		if got != c.want || got.usual(10) != c.usual {
			t.Errorf("lengths %v: %+v, %d rows for ten; want %+v, %d", c.lengths, got, got.usual(10), c.want, c.usual)
		}
	}
	for _, c := range [][4]int{{5, 8, 40, 8}, {9, 8, 40, 10}, {33, 32, 99, 34}, {35, 32, 99, 36}, {40, 32, 40, 40}, {3, 0, 4, 4},
		{3, 0, 3, 3}} {
		if got := rowBudget(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%d rows taken where %d are usual, %d videos: %d, want %d", c[0], c[1], c[2], got, c[3])
		}
	}
}

// TestInputsPack: the builder packs what it has read, as long as the corpus makes likely.
func TestInputsPack(t *testing.T) {
	c := small()
	videos := []corpus.Video{video(1, 3, 2, 3), video(2, 1, 0, 3), video(3, 30, 9, 3)}
	plain, err := builder(t, c).Inputs(videos)
	if err != nil || plain.Source != nil || len(plain.Fields(plain.Packed())) != 4 {
		t.Fatalf("packed without being asked (%v)", err)
	}
	c.Pack = true
	b := builder(t, c)
	in, err := b.Inputs(videos)
	if err != nil {
		t.Fatal(err)
	}
	want := Pack(ints(t, in.TextMask), []int{2, 0, 5}, 3*5, 14, 0) // of nine frames five are taken
	if !reflect.DeepEqual(ints(t, in.Source), ints(t, want.Source)) || len(in.Fields(in.Packed())) != 8 {
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
	if want := rowSizeOf([]int{8, 4, 14}, 14); b.row != want || want.length != 14 {
		t.Errorf("rows %+v, want %+v", b.row, want)
	}
	if in, err = b.Inputs(videos[1:2]); err != nil || !slices.Equal(in.Source.Shape().Dimensions, []int{1, 14}) {
		t.Errorf("one short video is in %v (%v), want a row of the usual length", in.Source.Shape(), err)
	}
}
