// SPDX-License-Identifier: Apache-2.0

package tfrecord

import "testing"

// FuzzName: the name of a shard has a number, and the list of missing ones is bounded.
func FuzzName(f *testing.F) {
	for _, s := range []string{"", "a.tfrecords",
		"a.tfrecords-00000-of-00003", "a-999999998-of-999999999.tfrecord.gz", ".a.tfrecords"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n, ok := ParseName(name)
		if n.Shard < 0 || n.Of < 0 || !ok && n.Of > 0 {
			t.Errorf("%q: %+v, %t", name, n, ok)
		}
		if missing := MissingShards([]string{name}); len(missing) > maxMissing+1 {
			t.Errorf("%q: %d names", name, len(missing))
		}
	})
}
