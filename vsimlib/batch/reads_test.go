// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"reflect"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
)

// TestReads: batches of one modality are those of videos that have no other, padded and packed, and in rows of one video.
func TestReads(t *testing.T) {
	var whole []corpus.Video
	for i := range 9 {
		v := video(int64(i+1), i%5, (i+3)%7, 3, 11, 33)
		v.ASRText = "w20 w21"
		whole = append(whole, v)
	}
	for reads, strip := range map[string]func(v *corpus.Video){
		recipe.ReadsBoth:   func(*corpus.Video) {},
		recipe.ReadsTitle:  func(v *corpus.Video) { v.Frames, v.NumFrames = nil, 0 },
		recipe.ReadsFrames: func(v *corpus.Video) { v.Title, v.ASRText = "", "" },
	} {
		var stripped []corpus.Video
		for _, v := range whole {
			strip(&v)
			stripped = append(stripped, v)
		}
		for _, pack := range []bool{false, true} {
			c := small()
			c.MaxASR, c.Pack = 3, pack
			plain := c
			c.Reads = reads
			got, want := builder(t, c), builder(t, plain)
			measure(t, got, whole)
			measure(t, want, stripped)
			a, err := got.Pretrain(whole, 5, 2, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := want.Pretrain(stripped, 5, 2, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range a.Fields(pack) {
				if other := b.Fields(pack)[i]; !(*f.At).Equal(*other.At) {
					t.Errorf("%s, packed %t: %s is\n%s, want\n%s", reads, pack, f.Name, *f.At, *other.At)
				}
			}
			if !pack {
				continue
			}
			for i := range whole {
				length := got.RowLength(&whole[i])
				if other := want.RowLength(&stripped[i]); length != other {
					t.Errorf("%s: video %d has a row of %d, want %d", reads, i, length, other)
				}
				rows, err := got.Rows(whole[i:i+1], length)
				if err != nil {
					t.Fatal(err)
				}
				others, err := want.Rows(stripped[i:i+1], length)
				if err != nil || !rows.Source.Equal(others.Source) || !rows.Frames.Equal(others.Frames) {
					t.Errorf("%s: video %d: rows %s, want %s, %v", reads, i, rows.Source, others.Source, err)
				}
			}
		}
	}
	first := video(1, 0, 3, 3, 11, 33)
	first.ASRText = "w20 w21"
	if !reflect.DeepEqual(whole[0], first) {
		t.Errorf("a video was changed: %+v", whole[0])
	}
}

func measure(t *testing.T, b *Builder, videos []corpus.Video) {
	t.Helper()
	if err := b.Measure(len(videos), func(i int) (corpus.Video, error) { return videos[i], nil }); err != nil {
		t.Fatal(err)
	}
}
