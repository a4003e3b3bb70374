// SPDX-License-Identifier: Apache-2.0

package multimodal

import "testing"

// TestNameHash holds nameHash to published values of 64-bit FNV-1a (Fowler, Noll and Vo's test vectors) and one name of a weight.
func TestNameHash(t *testing.T) {
	for name, want := range map[string]uint64{
		"": 0xcbf29ce484222325, "a": 0xaf63dc4c8601ec8c, "foobar": 0x85944171f73967e8, "video_fc.weight": 0x9b6c4592d44d1acc,
	} {
		if got := nameHash(name); got != want {
			t.Errorf("%q: %#x, want %#x", name, got, want)
		}
	}
}
