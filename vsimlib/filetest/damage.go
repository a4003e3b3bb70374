// SPDX-License-Identifier: Apache-2.0

package filetest

import (
	"math/rand/v2"
	"os"
	"testing"
)

// Damage deletes, empties, cuts, zeroes or flips one bit of a file that is not empty, at random, and says which.
func Damage(t testing.TB, r *rand.Rand, path string) (what string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch r.IntN(5) {
	case 0:
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return "deleted"
	case 1:
		what, data = "emptied", nil
	case 2:
		what, data = "cut", data[:r.IntN(len(data))]
	case 3:
		what, data = "zeroed", make([]byte, len(data))
	default:
		bit := r.IntN(8 * len(data))
		what = "flipped"
		data[bit/8] ^= 1 << (bit % 8)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return what
}
