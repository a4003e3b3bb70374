// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Every flipped byte of a record file is found and named, with its record, by Check and by Part.
func TestEveryFlippedByteIsNamed(t *testing.T) {
	files := small(t)
	delete(files, "pairwise/label.tsv") // its ids would be named too
	dir := write(t, files)
	const name = "pairwise/pairwise.tfrecords"
	whole := files[name]
	starts := part(t, open(t, dir), "pairwise").shards[0]
	for at := range whole {
		b := bytes.Clone(whole)
		b[at] ^= 1 << (at % 8)
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		hit := 0
		for hit+1 < len(starts.IDs) && int64(at) >= starts.Offsets[hit+1] {
			hit++
		}
		r := check(t, dir)
		if r.ErrorCount != 1 || r.Errors[0].File != name || *r.Errors[0].Record != hit || r.Errors[0].Offset != starts.Offsets[hit] {
			t.Fatalf("byte %d: %v, want record %d", at, r.Errors, hit)
		}
		if _, err := open(t, dir).Part("pairwise"); err == nil ||
			err.Error() != (&Problem{File: filepath.Join(dir, name), Record: &hit, Offset: starts.Offsets[hit],
				Reason: r.Errors[0].Reason}).Error() {
			t.Fatalf("byte %d: Part says %v, Check %v", at, err, r.Errors[0])
		}
	}
}

// Every truncation inside a record is named with its record; one at a record's end is named where label.tsv names an id that is
// gone.
func TestEveryTruncationIsNamed(t *testing.T) {
	files := small(t)
	files["pairwise/label.tsv"] = []byte("13\t13\t0.5\n13\t14\t0.5\n13\t15\t0.5\n13\t16\t1\n")
	dir := write(t, files)
	const name = "pairwise/pairwise.tfrecords"
	whole := files[name]
	starts := part(t, open(t, dir), "pairwise").shards[0]
	for n := range whole {
		if err := os.WriteFile(filepath.Join(dir, name), whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for kept < len(starts.IDs) && starts.Offsets[kept+1] <= int64(n) {
			kept++
		}
		atEnd := starts.Offsets[kept] == int64(n)
		var inRecord, inLabels, whole int
		for _, e := range check(t, dir).Errors {
			switch {
			case e.File == name && e.Record != nil && *e.Record == kept && e.Offset == starts.Offsets[kept]:
				inRecord++
			case e.File == name && e.Reason == "no records":
				whole++
			case e.File == "pairwise/label.tsv":
				inLabels++
			default:
				t.Errorf("cut at %d: unexpected %v", n, e)
			}
		}
		if inRecord != count(!atEnd) || inLabels != len(starts.IDs)-kept || whole != count(n == 0) {
			t.Errorf("cut at %d: %d problems of record %d, %d of labels, %d of the file", n, inRecord, kept, inLabels, whole)
		}
		if _, err := open(t, dir).Pairs("pairwise"); err == nil {
			t.Errorf("cut at %d: Pairs finds nothing wrong", n)
		}
	}
}

// A file that is damaged after it was indexed is found when the video is read.
func TestDamageAfterIndexing(t *testing.T) {
	files := small(t)
	dir := write(t, files)
	s := part(t, open(t, dir), "pairwise")
	path := filepath.Join(dir, "pairwise", "pairwise.tfrecords")
	b := bytes.Clone(files["pairwise/pairwise.tfrecords"])
	b[s.shards[0].Offsets[2]+20] ^= 4
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range s.Len() {
		_, err := s.Video(i)
		if i != 2 {
			if err != nil {
				t.Errorf("video %d: %v", i, err)
			}
			continue
		}
		oneLine(t, err, path, "record 2 at byte", "data checksum")
	}
	// The same records in another order: right checksums, other ids.
	other := records(t, video(14, "鸟", 3, 5), video(13, "dog", 1, 7, 99), video(15, "x", 1), video(16, "y", 2, 5))
	if err := os.WriteFile(path, other, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := s.Video(0)
	oneLine(t, err, path, "record 0 at byte 0")
}
