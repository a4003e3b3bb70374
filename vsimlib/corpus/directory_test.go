// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDirectoryOfRecords: a folder in place of a record file is refused, and the record files in it are named.
func TestDirectoryOfRecords(t *testing.T) {
	dir := t.TempDir()
	fails := func(want string) {
		t.Helper()
		if _, err := OpenRecords(dir); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	put := func(names ...string) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("label.tsv")
	fails(dir + ": is a directory")
	put("a.tfrecords", "b.tfrecord.gz")
	list := dir + "/a.tfrecords, " + dir + "/b.tfrecord.gz"
	fails(dir + ": is a directory; give the record files in it: " + list)
	put("c.tfrecords", "d.tfrecords", "e.tfrecords")
	fails(list + ", " + dir + "/c.tfrecords and 2 more")
}
