// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/lines"
	"vsim/vsimlib/tfrecord"
)

// Counts and shares of data/emoji as its builder logged them (records, frames, title characters, tags) and as awk counts them in
// pairwise/label.tsv (mean score .358575, share of 0.00 .363667, of 1.00 .139167).
func TestCheckEmoji(t *testing.T) {
	r := check(t, emoji)
	same(t, "errors", len(r.Errors)+r.ErrorCount, 0)
	same(t, "frame_dim, tags, vocabulary", []int{r.FrameDim, r.TagList, r.Vocab}, []int{128, 663, 21128})
	for name, want := range map[string][4]int{"pointwise": {1147, 5375}, "pairwise": {964, 4009}, "test_a": {322, 1358},
		"test_b": {321, 1378}} {
		p := r.Parts[name]
		if p == nil {
			t.Fatalf("%s is missing", name)
		}
		same(t, name+" records, frames", []int{p.Records, p.Frames, p.FramesMin, p.FramesMax}, []int{want[0], want[1], 1, 8})
		if p.FramesMean != float64(want[1])/float64(want[0]) {
			t.Errorf("%s: mean frames %v", name, p.FramesMean)
		}
		same(t, name+" has labels", p.Pairs != nil, name == "pairwise" || name == "test_a")
	}
	p := r.Parts["pairwise"]
	same(t, "distinct tags, records without a listed one", []int{p.TagsDistinct, p.NoListedTag, p.NoASR}, []int{2820, 115, 964})
	if math.Round(100*float64(p.TagsListed)/float64(p.Tags)) != 52 {
		t.Errorf("%d of %d tag uses are listed, want 52%%", p.TagsListed, p.Tags)
	}
	if math.Abs(p.TitleCharsMean-3.4) > .05 || p.TitleCharsMax > 14 {
		t.Errorf("title characters: mean %v, max %d", p.TitleCharsMean, p.TitleCharsMax)
	}
	q := p.Pairs
	same(t, "pairs", []int{q.Pairs, q.Videos, q.Levels["0"], q.Levels["1"], len(q.Levels), q.Repeated, q.Reversed, q.Self,
		q.UnknownIDs},
		[]int{12000, 964, 4364, 1670, 21, 0, 0, 0, 0})
	if math.Abs(q.ScoreMean-.358575) > 1e-9 || q.LargestComponent != 12000 || q.Components != 1 {
		t.Errorf("%+v", q)
	}
	same(t, "test_a pairs", r.Parts["test_a"].Pairs.Pairs, 2893)
}

func TestCheckSmall(t *testing.T) {
	r := check(t, write(t, small(t)))
	same(t, "errors", r.ErrorCount, 0)
	want := PartReport{
		Files: 2, Bytes: r.Parts["pointwise"].Bytes, Records: 4, Frames: 6, FramesMin: 0, FramesMean: 1.5, FramesMax: 3, NoFrames: 1,
		TitleCharsMean: 7. / 4, TitleCharsMax: 3, NoTitle: 1, NoASR: 4, Tags: 5, TagsListed: 4, TagsDistinct: 3, NoTag: 1, NoListedTag: 1,
		Categories: 1,
	}
	if got := *r.Parts["pointwise"]; !reflect.DeepEqual(got, want) {
		t.Errorf("pointwise: %+v, want %+v", got, want)
	}
	pairs := PairReport{
		Pairs: 5, Videos: 4, ScoreMean: .61, ScoreSD: math.Sqrt((.11*.11 + .06*.06 + 2*.39*.39 + .61*.61) / 5),
		Levels:   map[string]int{"0": 1, "0.5": 1, "0.55": 1, "1": 2},
		Repeated: 1, Reversed: 1, Self: 1, Components: 2, LargestComponent: 3, ComponentMaxVideos: 2,
	}
	got := *r.Parts["pairwise"].Pairs
	if math.Abs(got.ScoreSD-pairs.ScoreSD) > 1e-12 || math.Abs(got.ScoreMean-pairs.ScoreMean) > 1e-12 {
		t.Errorf("score mean %v sd %v", got.ScoreMean, got.ScoreSD)
	}
	got.ScoreMean, got.ScoreSD = pairs.ScoreMean, pairs.ScoreSD
	if !reflect.DeepEqual(got, pairs) {
		t.Errorf("pairs: %+v, want %+v", got, pairs)
	}
	b, err := json.Marshal(r)
	if err != nil || !bytes.Contains(b, []byte(`"errors":[]`)) || !bytes.Contains(b, []byte(`"parts":{"pairwise":{`)) {
		t.Errorf("%s, %v", b, err)
	}
}

// row is a legal record of frame_dim 3, with features replaced by the given ones; a Feature of kind None takes the name away.
func row(id string, replace ...tfrecord.Feature) []tfrecord.Feature {
	features := []tfrecord.Feature{
		tfrecord.BytesFeature("id", []byte(id)), tfrecord.BytesFeature("title", []byte("t")), tfrecord.BytesFeature("asr_text", nil),
		tfrecord.BytesFeature("frame_feature", make([]byte, 6)),
	}
	for _, f := range replace {
		features = slices.DeleteFunc(features, func(g tfrecord.Feature) bool { return g.Name == f.Name })
		if f.Kind != tfrecord.None {
			features = append(features, f)
		}
	}
	return features
}

// floats are the little-endian float16 of the given bits.
func floats(bits ...uint16) []byte {
	var b []byte
	for _, x := range bits {
		b = binary.LittleEndian.AppendUint16(b, x)
	}
	return b
}

// Every record of a corpus that is not legal is named, by Check and by the first that reads it.
func TestBadRecords(t *testing.T) {
	bytesOf, ints := tfrecord.BytesFeature, tfrecord.Int64Feature
	for _, c := range []struct {
		row  []tfrecord.Feature
		want string
	}{
		{row(""), `id "" is not the ASCII decimal`}, {row("-1"), "not the ASCII decimal"}, {row("+1"), "not the ASCII decimal"},
		{row("1.0"), "not the ASCII decimal"}, {row(" 1"), "not the ASCII decimal"}, {row("١"), "not the ASCII decimal"},
		{row("007"), "not the ASCII decimal"},
		{row("9223372036854775808"), `id "9223372036854775808" is not the ASCII decimal of an int63`}, {row("99999999999999999999"), "int63"},
		{row("18446744073709551617"), "int63"}, {row("1\n2"), `"1\n2"`},
		{row("1", tfrecord.Feature{Name: "id"}), "id is missing"}, {row("1", bytesOf("id")), "id is missing"},
		{row("1", ints("id", 1)), "id is of kind int64_list, want bytes_list"},
		{row("1", bytesOf("id", []byte("1"), []byte("2"))), "id has 2 values"},
		{row("1", tfrecord.Feature{Name: "title"}), "title is missing"},
		{row("1", bytesOf("title", []byte("a"), []byte("b"))), "title has 2 values"},
		{row("1", bytesOf("title", []byte("a\xffb"))), `title "a\xffb" is not UTF-8`}, {row("1", bytesOf("title", []byte("\xed\xa0\x80"))), "not UTF-8"},
		{row("1", bytesOf("asr_text", []byte("\xc0\x80"))), "asr_text"},
		{row("1", tfrecord.Feature{Name: "asr_text", Kind: tfrecord.FloatList, Floats: []float32{1}}), "asr_text is of kind float_list"},
		{row("1", bytesOf("tag_id", []byte("5"))), "tag_id is of kind bytes_list, want int64_list"},
		{row("1", ints("category_id", 1, 2)), "category_id has 2 values"},
		{row("1", tfrecord.Feature{Name: "category_id", Kind: tfrecord.FloatList, Floats: []float32{1}}),
			"category_id is of kind float_list"},
		{row("1", ints("frame_feature", 1)), "frame_feature is of kind int64_list"},
		{row("1", bytesOf("frame_feature", make([]byte, 6), make([]byte, 4))), "frame 1 has 4 bytes, want 6"},
		{row("1", bytesOf("frame_feature", make([]byte, 8))), "frame 0 has 8 bytes, want 6"},
		{row("1", bytesOf("frame_feature", nil)), "frame 0 has 0 bytes, want 6"},
		{row("1", bytesOf("frame_feature", make([]byte, 5))), "frame 0 has 5 bytes, want 6"},
		{row("1", bytesOf("frame_feature", make([]byte, 6), floats(0, 0, 0x7e00))), "frame 1 holds NaN or Inf as value 2"},
		{row("1", bytesOf("frame_feature", floats(0xfc00, 0, 0))), "frame 0 holds NaN or Inf as value 0"},
		{row("13"), "id 13 is already in"},
	} {
		files := small(t)
		before := files["pairwise/pairwise.tfrecords"]
		files["pairwise/pairwise.tfrecords"] = slices.Concat(before, examples(t, c.row), records(t, video(18, "good", 1)))
		dir := write(t, files)
		r := check(t, dir)
		if r.ErrorCount != 1 || len(r.Errors) != 1 {
			t.Errorf("%q: %d errors: %v", c.want, r.ErrorCount, r.Errors)
			continue
		}
		e := r.Errors[0]
		if e.File != "pairwise/pairwise.tfrecords" || e.Record == nil || *e.Record != 4 || e.Offset != int64(len(before)) {
			t.Errorf("%q: wrong place: %v", c.want, e)
		}
		oneLine(t, e, c.want)
		_, err := open(t, dir).Part("pairwise")
		oneLine(t, err, c.want, filepath.Join(dir, "pairwise", "pairwise.tfrecords"), fmt.Sprintf("record 4 at byte %d", len(before)))
		same(t, "records", r.Parts["pairwise"].Records, 5+count(strings.Contains(c.want, "already")))
	}
}

func TestLegalOddities(t *testing.T) {
	files := small(t)
	files["pairwise/pairwise.tfrecords"] = append(files["pairwise/pairwise.tfrecords"], examples(t,
		row("0", tfrecord.BytesFeature("title")), row("9223372036854775807", tfrecord.BytesFeature("frame_feature")),
		row("17", tfrecord.Feature{Name: "asr_text"}, tfrecord.Feature{Name: "frame_feature"}, tfrecord.Int64Feature("tag_id"),
			tfrecord.Int64Feature("more", 1)),
		row("18", tfrecord.Int64Feature("tag_id", 5, 5, -3)),
	)...)
	files["pairwise/label.tsv"] = []byte("0\t9223372036854775807\t1e-1\r\n17\t18\t0.05")
	dir := write(t, files)
	if r := check(t, dir); r.ErrorCount != 0 {
		t.Error(r.Errors)
	}
	pairs, err := open(t, dir).Pairs("pairwise")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "pairs", pairs, []Pair{{A: 0, B: math.MaxInt64, Score: .1}, {A: 17, B: 18, Score: .05}})
}

func TestBadLines(t *testing.T) {
	const good = "13\t14\t0.5\n"
	long := strings.Repeat("1", lines.MaxLength)
	for _, c := range []struct{ line, want string }{
		{"13\t14", "2 columns, want 3"}, {"13\t14\t0.5\t1", "4 columns"}, {"13 14 0.5", "1 columns"}, {"", "1 columns"},
		{"id1\tid2\tscore", "id1 \"id1\" is not"}, {"13\t14.0\t0.5", "id2 \"14.0\""}, {"-13\t14\t0.5", "id1"},
		{"13\t9223372036854775808\t0.5", "id2"},
		{"13\t14\t1.2", "score 1.2 is outside [0,1]"}, {"13\t14\t-0.1", "outside [0,1]"}, {"13\t14\tNaN", "outside [0,1]"},
		{"13\t14\tinf", "outside [0,1]"},
		{"13\t14\t1e999", "outside [0,1]"}, {"13\t14\t", "score \"\" is not a number"}, {"13\t14\thalf", "not a number"},
		{"13\t14\t0_1", "not a number"}, {"13\t14\t0x1p-1", "not a number"},
		{"13\t14\t0,5", "not a number"},
		{"13\t14\t 0.5", "not a number"}, {"13\t14\t" + long, "a line of"},
		{"13\t14\t0." + strings.Repeat("9", 3*lines.MaxLength*16), "a line of"},
		{"13\t77\t0.5", "id 77 is not among the 4 videos"}, {"12\t13\t0.5", "id 12 is not among"},
	} {
		files := small(t)
		files["pairwise/label.tsv"] = []byte(good + c.line + "\n" + good)
		dir := write(t, files)
		r := check(t, dir)
		if r.ErrorCount != 1 || r.Parts["pairwise"].Pairs.Pairs != 2 {
			t.Errorf("%.40q: %d errors, %d pairs: %v", c.line, r.ErrorCount, r.Parts["pairwise"].Pairs.Pairs, r.Errors)
			continue
		}
		if e := r.Errors[0]; e.File != "pairwise/label.tsv" || e.Line != 2 || e.Offset != int64(len(good)) {
			t.Errorf("%.40q: wrong place: %v at %d", c.line, e, e.Offset)
		}
		oneLine(t, r.Errors[0], c.want)
		_, err := open(t, dir).Pairs("pairwise")
		oneLine(t, err, c.want, filepath.Join(dir, "pairwise", "label.tsv")+":2:")
		if _, err = ReadPairs(filepath.Join(dir, "pairwise", "label.tsv")); !strings.Contains(c.want, "not among") {
			oneLine(t, err, c.want, "label.tsv:2:")
		}
	}
}

func TestBadTexts(t *testing.T) {
	for _, c := range []struct {
		name, contents string
		line           int
		want           string
	}{
		{"tag_list.txt", "5\nfish\n", 2, `tag "fish" is not an int64`}, {"tag_list.txt", "5\n6\n5\tx\n", 3, "tag 5 is on line 1 already"},
		{"tag_list.txt", "", 0, "no tags"}, {"vocab.txt", "[PAD]\n\xff\n", 2, "not UTF-8"}, {"vocab.txt", "", 0, "no words"},
		{"pairwise/label.tsv", "", 0, "no pairs"}, {"test_b/label.tsv", "1\t2\t0.5\n", 1, "id 1 is not among the 0 videos"},
	} {
		files := small(t)
		files[c.name] = []byte(c.contents)
		dir := write(t, files)
		r := check(t, dir)
		if r.ErrorCount != 1 || r.Errors[0].File != c.name || r.Errors[0].Line != c.line {
			t.Errorf("%s %q: %v", c.name, c.contents, r.Errors)
			continue
		}
		oneLine(t, r.Errors[0], c.want)
		if c.name == "tag_list.txt" {
			_, err := open(t, dir).Tags()
			oneLine(t, err, c.want, filepath.Join(dir, c.name))
		}
		if c.name == "pairwise/label.tsv" {
			_, err := open(t, dir).Pairs("pairwise")
			oneLine(t, err, c.want)
		}
	}
	_, err := open(t, write(t, map[string][]byte{"pointwise/a.tfrecords": small(t)["pointwise/a.tfrecords"]})).Tags()
	oneLine(t, err, "tag_list.txt", "no such file")
}

// Parts must agree on the width of frames; the first frame of the first part decides.
func TestWidthAcrossParts(t *testing.T) {
	files := small(t)
	wide := Video{ID: 30, Title: "w", NumFrames: 2, Frames: make([]byte, 16)}
	files["test_a/test_a.tfrecords"] = records(t, wide)
	dir := write(t, files)
	c := open(t, dir)
	part(t, c, "pointwise")
	_, err := c.Part("test_a")
	oneLine(t, err, "test_a.tfrecords: record 0 at byte 0", "frame 0 has 8 bytes, want 6")
	if s, err := OpenRecords(filepath.Join(dir, "test_a", "test_a.tfrecords")); err != nil || s.frameDim != 4 {
		t.Errorf("the file alone is legal: %v", err)
	}
}

func TestOpenRecordsOrderAndRepeats(t *testing.T) {
	dir := write(t, small(t))
	a, b, p := filepath.Join(dir, "pointwise", "a.tfrecords"), filepath.Join(dir, "pointwise", "b.tfrecords"),
		filepath.Join(dir, "pairwise", "pairwise.tfrecords")
	s, err := OpenRecords(b, a)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "ids", s.IDs(), []int64{13, 14, 11, 12})
	_, err = OpenRecords(a, b, p)
	oneLine(t, err, p+": record 0 at byte 0: id 13 is already in "+b+": record 0 at byte 0")
}

// At most 100 problems of a file are listed, all are counted.
func TestManyErrors(t *testing.T) {
	files := small(t)
	files["pairwise/label.tsv"] = bytes.Repeat([]byte("13\t14\t2\n"), 250)
	r := check(t, write(t, files))
	same(t, "errors", []int{len(r.Errors), r.ErrorCount}, []int{100, 250})
}

// Frames of zeros and of one other value are counted, over all files of a part, and the first of zeros is named; none is an error.
func TestUniformFrames(t *testing.T) {
	frames := func(id int64, values ...uint16) Video {
		v := Video{ID: id, Title: "t", NumFrames: len(values) / 3}
		for _, x := range values {
			v.Frames = binary.LittleEndian.AppendUint16(v.Frames, x)
		}
		return v
	}
	dir := write(t, map[string][]byte{
		"pointwise/a.tfrecords": records(t, frames(1, 1, 2, 3), frames(2, 7, 7, 7)),
		"pointwise/b.tfrecords": records(t, frames(3, 1, 2, 3), frames(4, 1, 2, 3, 0, 0x8000, 0, 0, 0, 0)),
		"pointwise/c.tfrecords": records(t, frames(5, 0, 0, 0)),
	})
	r := check(t, dir)
	p := r.Parts["pointwise"]
	same(t, "errors", r.ErrorCount, 0)
	same(t, "frames", []int{p.ZeroFrames, p.ConstantFrames}, []int{3, 1})
	oneLine(t, p.FirstZero, "pointwise/b.tfrecords: record 1 at byte", "frame 1 of video 4 has only zeros")
}
