// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/tokenizer"
)

// small is a corpus of each kind that takes a moment.
func small(like string) Options {
	return Options{Like: like, Pointwise: 100, Pairs: 200, Seed: 1, frameDim: 2 * blockValues, testPairs: 100}
}

// written writes a corpus in a fresh folder.
func written(t testing.TB, o Options) (string, Result) {
	t.Helper()
	if o.Out == "" {
		o.Out = filepath.Join(t.TempDir(), "deep", "corpus")
	}
	r, err := Write(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Out, r
}

// listing is every file of a corpus in a folder, which must be marked: its name, size and SHA-256.
func listing(t *testing.T, dir string) (lines string, bytes int64) {
	t.Helper()
	if made, err := outdir.Check(dir, kind); !made || err != nil {
		t.Errorf("%s: not marked: %v", dir, err)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == outdir.MarkerFile || e.Name() == outdir.DueFile {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(data)
		lines += fmt.Sprintf("%s %d %s\n", filepath.ToSlash(name), len(data), hex.EncodeToString(sum[:8]))
		bytes += int64(len(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, bytes
}

// TestGolden pins the bytes of two small corpora, as first written (2026-11-23, amd64): a change here makes every corpus another
// one.
func TestGolden(t *testing.T) {
	for like, want := range golden {
		t.Run(like, func(t *testing.T) {
			dir, r := written(t, small(like))
			got, bytes := listing(t, dir)
			if got != want {
				t.Errorf("files\n%swant\n%s", got, want)
			}
			if bytes != r.Bytes {
				t.Errorf("%d bytes reported, %d written", r.Bytes, bytes)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(5))
			five, _ := written(t, small(like))
			runtime.GOMAXPROCS(1)
			one, _ := written(t, small(like))
			for _, dir := range []string{five, one} {
				if again, _ := listing(t, dir); again != got {
					t.Errorf("on another number of processors\n%s", again)
				}
			}
			o := small(like)
			o.Seed = 2
			other, _ := written(t, o)
			text, _ := listing(t, other)
			for line := range strings.Lines(text) {
				if name, _, _ := strings.Cut(line, " "); name != "vocab.txt" && name != "tag_list.txt" && strings.Contains(got, line) {
					t.Errorf("seed 2 has the same %s", line)
				}
			}
		})
	}
}

// TestCheck: nothing is wrong with a corpus of either kind, and its parts are what was asked for.
func TestCheck(t *testing.T) {
	for like, videos := range map[string][2]int{Controlled: {125, 37}, Competition: {187, 94}} {
		dir, r := written(t, small(like))
		report, err := corpus.Check(dir)
		if err != nil {
			t.Fatal(err)
		}
		if report.ErrorCount != 0 {
			t.Errorf("%s: %d errors, the first: %v", like, report.ErrorCount, report.Errors[0])
		}
		ids := map[int64]bool{}
		for part, want := range map[string]int{"pointwise": 100, "pairwise": videos[0], "test_a": videos[1]} {
			p := report.Parts[part]
			if p.Records != want || r.Parts[part].Videos != want || p.NoFrames > 0 || p.NoTitle > 0 {
				t.Errorf("%s, %s: %+v, want %d videos", like, part, p, want)
			}
			if labelled := part != "test_a"; labelled != (p.Tags > 0) || labelled != (p.Categories > 0) {
				t.Errorf("%s, %s: %d tags, %d categories", like, part, p.Tags, p.Categories)
			}
			if (p.Pairs != nil) != (part != "pointwise") || p.Pairs != nil && (p.Pairs.Pairs != r.Parts[part].Pairs || p.Pairs.Self > 0) {
				t.Errorf("%s, %s: pairs %+v", like, part, p.Pairs)
			}
			set, err := corpus.OpenRecords(recordFile(dir, part))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range set.IDs() {
				if ids[id] || id <= 0 {
					t.Errorf("%s: id %d is not positive, or in two parts", like, id)
				}
				ids[id] = true
			}
		}
	}
}

func recordFile(dir, part string) string {
	stem := part
	if part == "pointwise" {
		stem = "pretrain_0"
	}
	return filepath.Join(dir, part, stem+".tfrecords")
}

// TestTitles: every character of a title is one word of the vocabulary, whose special tokens are where they should be.
func TestTitles(t *testing.T) {
	for like, want := range map[string][5]int32{Controlled: {0, 1, 2, 3, 4}, Competition: {0, 100, 101, 102, 103}} {
		dir, _ := written(t, small(like))
		tokens, err := tokenizer.LoadVocab(filepath.Join(dir, "vocab.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if got := [5]int32{tokens.PadID, tokens.UnkID, tokens.ClsID, tokens.SepID, tokens.MaskID}; got != want {
			t.Errorf("%s: special tokens %v, want %v", like, got, want)
		}
		if n := tokens.VocabSize(); n != map[string]int{Controlled: 1300, Competition: 21128}[like] {
			t.Errorf("%s: %d words", like, n)
		}
		set, err := corpus.OpenRecords(recordFile(dir, "pointwise"))
		if err != nil {
			t.Fatal(err)
		}
		distinct := map[int32]bool{}
		for i := range set.Len() {
			v, err := set.Video(i)
			if err != nil {
				t.Fatal(err)
			}
			ids := tokens.Tokenize(v.Title)
			if len(ids) != len([]rune(v.Title)) {
				t.Errorf("%s: %q has %d tokens", like, v.Title, len(ids))
			}
			for _, id := range ids {
				distinct[id] = true
				if tokens.Special(id) {
					t.Errorf("%s: %q has a special token", like, v.Title)
				}
			}
		}
		if len(distinct) < 200 {
			t.Errorf("%s: only %d characters in %d titles", like, len(distinct), set.Len())
		}
	}
}

// TestPrefix: the videos of a smaller part are the first ones of a larger, and 0 leaves a part out.
func TestPrefix(t *testing.T) {
	for _, like := range []string{Controlled, Competition} {
		dir, _ := written(t, small(like))
		o := small(like)
		o.Pointwise, o.Pairs = 33, 0
		few, r := written(t, o)
		part, err := os.ReadFile(recordFile(few, "pointwise"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := os.ReadFile(recordFile(dir, "pointwise"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(all), string(part)) {
			t.Errorf("%s: 33 videos are not the first of 100", like)
		}
		if _, ok := r.Parts["pairwise"]; ok {
			t.Errorf("%s: a part of no pairs", like)
		}
		o.Pointwise, o.Pairs = 0, 200
		paired, _ := written(t, o)
		for _, name := range []string{"pairwise/pairwise.tfrecords", "pairwise/label.tsv", "test_a/test_a.tfrecords",
			"test_a/label.tsv"} {
			a, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := os.ReadFile(filepath.Join(paired, name)); err != nil || string(a) != string(b) {
				t.Errorf("%s: %s depends on the pointwise part (%v)", like, name, err)
			}
		}
	}
}

// TestFiles: pointwise is cut into files of 50,000.
func TestFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("50,001 videos")
	}
	dir, r := written(t, Options{Like: Competition, Pointwise: recordsPerFile + 1, frameDim: blockValues})
	if r.Parts["pointwise"].Files != 2 {
		t.Errorf("%d files", r.Parts["pointwise"].Files)
	}
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.Part("pointwise")
	if err != nil || set.Len() != recordsPerFile+1 {
		t.Fatalf("%v, %v", set, err)
	}
}

// TestRefusals: sizes out of range, a folder that is not empty, a place that is no folder.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) { o.Like = "real" }, `like: "real"`},
		{func(o *Options) { o.Pointwise = -1 }, "pointwise: -1"},
		{func(o *Options) { o.Pointwise = MaxPointwise + 1 }, "[0,10000000]"},
		{func(o *Options) { o.Pairs = 199 }, "pairs: 199"},
		{func(o *Options) { o.Pairs = MaxPairs + 1 }, "pairs: 1000001"},
		{func(o *Options) { o.Pointwise, o.Pairs = 0, 0 }, "nothing to write"},
	} {
		o := small(Controlled)
		o.Out = filepath.Join(t.TempDir(), "c")
		c.change(&o)
		if _, err := Write(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		if _, err := os.Stat(o.Out); err == nil {
			t.Error("a folder was made")
		}
	}
	o := small(Controlled)
	o.Out = t.TempDir()
	own := filepath.Join(o.Out, "notes.txt")
	writeFile(t, own)
	for _, o.Force = range []bool{false, true} {
		if _, err := Write(t.Context(), o); err == nil || !strings.Contains(err.Error(), "has notes.txt and is no corpus of vsim") {
			t.Errorf("error %v", err)
		}
	}
	o.Out = own
	if _, err := Write(t.Context(), o); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a file for a folder: error %v", err)
	}
}

// TestForce: the corpus that was there goes, with all its record files; what is no part of one stays.
func TestForce(t *testing.T) {
	o := small(Controlled)
	o.Out = filepath.Join(t.TempDir(), "c")
	dir, _ := written(t, o)
	refused := func(o Options, why string) {
		t.Helper()
		_, err := Write(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "is not empty; --force") || !strings.Contains(err.Error(), why) {
			t.Errorf("error %v", err)
		}
	}
	first, err := Write(t.Context(), o)
	if err != nil || !first.Before || first.Bytes == 0 || len(first.Parts) != 3 {
		t.Errorf("the same options again: %+v, %v", first, err)
	}
	other := o
	other.Seed++
	refused(other, dir)
	if err := os.Remove(filepath.Join(dir, "tag_list.txt")); err != nil {
		t.Fatal(err)
	}
	refused(o, "tag_list.txt: is missing")
	stays := []string{"notes.txt", "pointwise/notes.txt", "runs/label.tsv"}
	goes := []string{"pointwise/pretrain_7.tfrecords", "test_b/test_b.tfrecords", "pointwise/.vsim-part-pretrain_0.tfrecords-ABC"}
	for _, name := range append(append([]string(nil), stays...), goes...) {
		writeFile(t, filepath.Join(dir, name))
	}
	o.Force, o.Pairs = true, 0
	written(t, o)
	for _, name := range stays {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range append(goes, "pairwise/pairwise.tfrecords", "pairwise/label.tsv") {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func writeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestStopped: a context that ends, and a file that cannot be written, leave nothing behind.
func TestStopped(t *testing.T) {
	for part := range map[string]bool{"pointwise": true, "pairwise": true, "test_a": true} {
		o := small(Competition)
		o.Out = filepath.Join(t.TempDir(), "c")
		ctx, stop := context.WithCancel(t.Context())
		o.Report = func(p string, _, _ int) {
			if p == part {
				stop()
			}
		}
		if _, err := Write(ctx, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", part, err)
		}
		if _, err := os.Stat(o.Out); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a stopped run left %s: %v", part, o.Out, err)
		}
	}
	o := small(Competition)
	o.Out = t.TempDir()
	writeFile(t, filepath.Join(o.Out, "test_a")) // a file where a folder is wanted
	o.Force = true
	if _, err := Write(t.Context(), o); err == nil || !strings.Contains(err.Error(), "test_a") {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(o.Out); err != nil || len(left) != 1 {
		t.Errorf("a failed run left %v, %v", left, err)
	}
}

// BenchmarkWrite is the whole way to files, in bytes of them.
func BenchmarkWrite(b *testing.B) {
	for _, like := range []string{Controlled, Competition} {
		b.Run(like, func(b *testing.B) {
			for b.Loop() {
				o := Options{Like: like, Pointwise: 4000, Seed: 1, Out: filepath.Join(b.TempDir(), "c")}
				_, r := written(b, o)
				b.SetBytes(r.Bytes)
			}
		})
	}
}

// BenchmarkRecords is one goroutine that makes records, without writing them.
func BenchmarkRecords(b *testing.B) {
	for like, w := range map[string]world{Controlled: newControlled(1), Competition: newPublished(1, 0)} {
		b.Run(like, func(b *testing.B) {
			m := maker{section: w.pointwise(1 << 30), labels: true}
			var size int64
			for i := 0; b.Loop(); i++ {
				size += int64(record(b, &m, i))
			}
			b.SetBytes(size / int64(b.N))
		})
	}
}

// record makes one record and gives its size.
func record(b *testing.B, m *maker, i int) int {
	m.fill(i, &m.video)
	m.video.ID = m.id(i)
	var err error
	if m.record, err = corpus.AppendVideo(m.record[:0], m.video, true); err != nil {
		b.Fatal(err)
	}
	return len(m.record)
}
