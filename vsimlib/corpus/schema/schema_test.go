// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"vsim/vsimlib/tfrecord"
)

// What Parse takes as a video is encoded and parsed to the same video again.
func FuzzParse(f *testing.F) {
	for _, v := range []Video{
		{ID: 1, Title: "标题", NumFrames: 2, Frames: []byte("abcdefghijkl"), Tags: []int64{5}, Category: 10101},
		{ID: math.MaxInt64, Category: 10101},
	} {
		b, err := AppendVideo(nil, v, true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, 3)
	}
	f.Add([]byte("\n\x00"), 0)
	f.Fuzz(func(t *testing.T, data []byte, dim int) {
		var e tfrecord.Example
		if e.Unmarshal(data) != nil {
			return
		}
		first, reason := Parse(&e, max(dim, 0))
		if reason != "" {
			return
		}
		var v, w Video
		first.CopyTo(&v)
		width := 0
		for _, frame := range first.Frames {
			if len(frame) != len(first.Frames[0]) {
				return // without a known width, frames of several widths pass
			}
			width = len(frame) / 2
		}
		again, err := AppendVideo(nil, v, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Unmarshal(again); err != nil {
			t.Fatal(err)
		}
		second, reason := Parse(&e, width)
		second.CopyTo(&w)
		if reason != "" || w.ID != v.ID || w.Title != v.Title || w.NumFrames != v.NumFrames || !bytes.Equal(w.Frames, v.Frames) ||
			len(w.Tags) != len(v.Tags) {
			t.Fatalf("%+v became %+v (%s)", v, w, reason)
		}
	})
}

// The search for NaN and Inf, 32 values at a time, agrees with a plain loop, at every length and for every value at every place.
func TestNotFinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		b := make([]byte, 2*n)
		for at := range n {
			for range 500 {
				for i := range n {
					x := uint16(rng.Uint32())
					if x&0x7c00 == 0x7c00 {
						x ^= 0x0400
					}
					binary.LittleEndian.PutUint16(b[2*i:], x)
				}
				x, want := uint16(rng.Uint32()), -1
				binary.LittleEndian.PutUint16(b[2*at:], x)
				if x>>10&31 == 31 {
					want = at
				}
				if got := notFinite(b); got != want {
					t.Fatalf("%x: %d, want %d", b, got, want)
				}
			}
		}
	}
}

func TestAppendVideoRefuses(t *testing.T) {
	for _, v := range []Video{{NumFrames: 2, Frames: make([]byte, 6)}, {NumFrames: 1}, {Frames: make([]byte, 2)}, {NumFrames: -1}} {
		if _, err := AppendVideo(nil, v, true); err == nil {
			t.Errorf("AppendVideo took %+v", v)
		}
	}
}
