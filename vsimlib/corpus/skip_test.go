// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/tfrecord"
)

// pairwiseOf is a corpus of 200 records with damaged bytes, and the offsets of the records.
func pairwiseOf(t *testing.T, damage func(b []byte, offsets []int64) []byte) (dir string) {
	t.Helper()
	var b []byte
	var offsets []int64
	for id := range int64(200) {
		offsets = append(offsets, int64(len(b)))
		b = append(b, records(t, video(id, "t", 1, 5))...)
	}
	var labels bytes.Buffer
	for id := 0; id < 200; id += 2 {
		fmt.Fprintf(&labels, "%d\t%d\t0.5\n", id, id+1)
	}
	return write(t, map[string][]byte{"pairwise/pairwise.tfrecords": damage(b, offsets), "pairwise/label.tsv": labels.Bytes(),
		"tag_list.txt": []byte("5\n")})
}

// skipping opens a corpus with bad records passed over, and returns the lines that it warned with.
func skipping(t *testing.T, dir string, most float64) (*Corpus, *[]string) {
	t.Helper()
	c := open(t, dir)
	var warned []string
	c.Skip = &Skip{Most: most, Warn: func(line string) { warned = append(warned, line) }}
	return c, &warned
}

// Each kind of bad record is skipped where that is asked for, and all others have the numbers and positions that they had.
func TestSkip(t *testing.T) {
	length := func(b []byte, o []int64) []byte { b[o[7]+1] ^= 4; return b }
	for _, c := range []struct {
		name    string
		damage  func(b []byte, o []int64) []byte
		without []int64 // ids
		reason  string
	}{
		{"data", func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; return b }, []int64{7}, "record 7 at byte 938: data checksum is"},
		{"length", length, []int64{7}, "record 7 at byte 938: length checksum is"},
		{"first", func(b []byte, o []int64) []byte { b[o[0]+20] ^= 4; return b }, []int64{0}, "record 0 at byte 0: data checksum is"},
		{"cut", func(b []byte, o []int64) []byte { return b[:len(b)-3] }, []int64{199}, "record 199 at byte"},
		{"gap of two", func(b []byte, o []int64) []byte { b[o[7]+1] ^= 4; b[o[8]+1] ^= 4; return b }, []int64{7, 8}, "record 7 at byte"},
		{"no Example", func(b []byte, o []int64) []byte {
			return slices.Concat(b[:o[7]], framed(t, []byte("\xff\xff")), b[o[8]:])
		}, []int64{7}, "record 7 at byte 938:"},
		{"no id", func(b []byte, o []int64) []byte {
			return slices.Concat(b[:o[7]], examples(t, []tfrecord.Feature{tfrecord.BytesFeature("title", []byte("t"))}), b[o[8]:])
		}, []int64{7}, "feature id is missing"},
		{"NaN", func(b []byte, o []int64) []byte {
			v := video(7, "t", 1, 5)
			binary.LittleEndian.PutUint16(v.Frames, 0x7e00)
			return slices.Concat(b[:o[7]], records(t, v), b[o[8]:])
		}, []int64{7}, "holds NaN or Inf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := pairwiseOf(t, c.damage)
			if _, err := open(t, dir).Part("pairwise"); err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("not asked for: %v, want %q", err, c.reason)
			}
			corpus, warned := skipping(t, dir, 0.01)
			set := part(t, corpus, "pairwise")
			if set.Len() != 200-len(c.without) {
				t.Errorf("%d videos", set.Len())
			}
			for i := range set.Len() {
				if v, err := set.Video(i); err != nil || v.ID != set.ID(i) || slices.Contains(c.without, v.ID) {
					t.Fatalf("video %d: %+v, %v", i, v, err)
				}
			}
			pairs, err := corpus.Pairs("pairwise")
			if err != nil || 100-len(pairs) != len(c.without) { // each of another pair
				t.Errorf("%d pairs, %v", len(pairs), err)
			}
			s := corpus.Skipped()
			if s.Count() != 1 || s.Pairs != 100-len(pairs) || len(s.List) != 1 || s.List[0].File != "pairwise/pairwise.tfrecords" {
				t.Fatalf("%+v", s)
			}
			if len(*warned) != 2 || !strings.Contains((*warned)[0], "1 bad record skipped: "+dir) ||
				!strings.Contains((*warned)[0], c.reason) || !strings.Contains((*warned)[1], "label.tsv") {
				t.Errorf("%q", *warned)
			}
		})
	}
}

// The pairs left out are those of all parts, whichever was read last and however often.
func TestSkipPairsOfParts(t *testing.T) {
	dir := pairwiseOf(t, func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; return b })
	more := write(t, small(t))
	if err := os.Rename(filepath.Join(more, "test_a"), filepath.Join(dir, "test_a")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "test_a", "label.tsv"), []byte("21\t22\t1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	corpus, _ := skipping(t, dir, 0.01)
	for _, name := range []string{"pairwise", "test_a", "pairwise", "test_a"} {
		if _, err := corpus.Pairs(name); err != nil {
			t.Fatal(err)
		}
		if s := corpus.Skipped(); s.Count() != 1 || s.Pairs != 1 {
			t.Errorf("after %s: %d records and %d pairs are left out, want 1 and 1", name, s.Count(), s.Pairs)
		}
	}
}

// TestSkipBehindGap: after an unreadable length, the next record is found by its length alone; where its data are bad, it is a bad
// record of its own.
func TestSkipBehindGap(t *testing.T) {
	dir := pairwiseOf(t, func(b []byte, o []int64) []byte { b[o[7]+1] ^= 4; b[o[8]+20] ^= 4; return b })
	corpus, _ := skipping(t, dir, 0.02)
	part(t, corpus, "pairwise")
	s := corpus.Skipped()
	if s.Count() != 2 || len(s.List) != 2 || !strings.Contains(s.List[0].Error(), "record 7 at byte 938: length checksum is") ||
		!strings.Contains(s.List[1].Error(), "record 8 at byte") || !strings.Contains(s.List[1].Error(), "data checksum is") {
		t.Errorf("%+v", s)
	}
}

// framed is one record of these bytes.
func framed(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tfrecord.NewWriter(&b).Write(data); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is skipped is part of the fingerprint: the whole corpus, and one without other records, have others.
func TestSkippedFingerprint(t *testing.T) {
	seen := map[string]string{}
	for name, damage := range map[string]func(b []byte, o []int64) []byte{
		"nothing":  func(b []byte, _ []int64) []byte { return b },
		"record 7": func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; return b },
		"record 8": func(b []byte, o []int64) []byte { b[o[8]+20] ^= 4; return b },
		"both":     func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; b[o[8]+20] ^= 4; return b },
	} {
		dir := pairwiseOf(t, damage)
		corpus, _ := skipping(t, dir, 0.01)
		print, err := corpus.Fingerprint("pairwise")
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[print]; ok {
			t.Errorf("%s and %s have the same fingerprint", name, other)
		}
		seen[print] = name
		whole, err := open(t, dir).Fingerprint("pairwise")
		if (err == nil) != (name == "nothing") || err == nil && whole != print {
			t.Errorf("%s: %s without skipping, %v; %s with it", name, whole, err, print)
		}
	}
}

// More bad records than allowed are refused, and so are pairs of more ids than were skipped, repeated ids, and another width.
func TestSkipBounds(t *testing.T) {
	three := func(b []byte, o []int64) []byte {
		for i := range 3 {
			b[o[10*i]+20] ^= 4
		}
		return b
	}
	for _, c := range []struct {
		name   string
		most   float64
		damage func(b []byte, o []int64) []byte
		want   string // "": none
	}{
		{"3 of 200", 0.014, three, "3 of 200 records are bad, more than the 1.4% that may be skipped (--max-bad); the first: "},
		{"3 of 200, allowed", 0.015, three, ""},
		{"a gap of 100", 0.1, func(b []byte, o []int64) []byte {
			for i := range 100 {
				b[o[i+50]+1] ^= 4
			}
			return b
		}, "100 of 200 records are bad"},
		{"all", 1, func(b []byte, o []int64) []byte {
			for i := range o {
				b[o[i]+20] ^= 4
			}
			return b
		}, "no good records"},
		{"repeated", 0.1, func(b []byte, o []int64) []byte {
			b[o[7]+20] ^= 4
			return append(b, b[o[8]:o[9]]...)
		}, "id 8 is already in"},
	} {
		corpus, _ := skipping(t, pairwiseOf(t, c.damage), c.most)
		_, err := corpus.Part("pairwise")
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		oneLine(t, err, c.want)
	}
	garbage := write(t, map[string][]byte{"pairwise/a.tfrecords": records(t, video(1, "t", 1), video(2, "t", 1)),
		"pairwise/b.tfrecords": bytes.Repeat([]byte("garbage "), 200)})
	corpus, _ := skipping(t, garbage, 0.4)
	_, err := corpus.Part("pairwise")
	oneLine(t, err, "14 of 16 records are bad", "b.tfrecords: record 0 at byte 0")
	dir := pairwiseOf(t, func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; return b[:o[198]] })
	corpus, _ = skipping(t, dir, 0.1)
	_, err = corpus.Pairs("pairwise")
	oneLine(t, err, "label.tsv:100: id 198 is not among the 197 videos", "more ids than records were skipped (1)")
}

// Record files by name are skipped in the same way, and their order stays.
func TestSkipOpenRecords(t *testing.T) {
	dir := pairwiseOf(t, func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; return b })
	path := filepath.Join(dir, "pairwise", "pairwise.tfrecords")
	set, err := OpenRecordsWatched(nil, &Skip{Most: 0.01}, path)
	if err != nil || set.Len() != 199 || set.Skipped().Count() != 1 {
		t.Fatalf("%v, %v", set, err)
	}
	same(t, "ids", set.IDs(), slices.Concat(ids(0, 6), ids(8, 199)))
	same(t, "first ids", set.First(9).IDs(), slices.Concat(ids(0, 6), ids(8, 9)))
	same(t, "ids of the union", Union(set, set).IDs(), set.IDs())
}

// A file with bad records has no stored index: they are named each time.
func TestSkippedNotStored(t *testing.T) {
	cached := keepAll(t)
	dir := pairwiseOf(t, func(b []byte, o []int64) []byte { b[o[7]+20] ^= 4; return b })
	corpus, _ := skipping(t, dir, 0.01)
	if part(t, corpus, "pairwise"); len(files(t, cached)) > 0 {
		t.Errorf("%v", files(t, cached))
	}
}
