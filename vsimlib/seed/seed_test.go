// SPDX-License-Identifier: Apache-2.0

package seed

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestStream holds the first numbers of the seed 1234567 to those that Vigna's splitmix64.c prints.
func TestStream(t *testing.T) {
	s := Stream(1234567)
	want := []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821}
	for i, w := range want {
		if got := s.Uint64(); got != w {
			t.Errorf("number %d: %d, want %d", i, got, w)
		}
	}
}

// step is SplitMix64 written out once more.
func step(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func TestHash(t *testing.T) {
	if got := Hash(); got != 0 {
		t.Errorf("Hash() = %d", got)
	}
	if got, want := Hash(2021), step(2021); got != want || Mix(2021) != want {
		t.Errorf("Hash(2021) = %d, Mix %d, want %d", got, Mix(2021), want)
	}
	h := step(step(step(7)^8) ^ 9)
	if got := Hash(7, 8, 9); got != h {
		t.Errorf("Hash(7, 8, 9) = %d, want %d", got, h)
	}
	if Hash(1, 2) == Hash(2, 1) || Hash(1) == Hash(1, 0) {
		t.Error("Hash forgets the order or the number of its parts")
	}
	if got, want := New(7, 8, 9).Uint64(), step(h); got != want {
		t.Errorf("New: %d, want %d", got, want)
	}
	if got, want := Rand(7, 8, 9).Perm(20), rand.New(rand.NewPCG(h, step(h))).Perm(20); !slices.Equal(got, want) {
		t.Errorf("Rand: %v, want %v", got, want)
	}
}
