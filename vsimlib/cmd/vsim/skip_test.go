// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tfrecord"
)

// flipRecord changes a byte of a record's data.
func flipRecord(t *testing.T, path string, number int) {
	t.Helper()
	f, err := tfrecord.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := f.At(0, 0)
	for err == nil && e.Number < number {
		e, err = f.At(e.Number+1, e.End())
	}
	if err != nil {
		t.Fatal(err)
	}
	change(t, path, func(b []byte) []byte { b[e.Offset+20] ^= 1; return b })
}

// TestSkipBad: bad records are refused unless --skip-bad asks for it; then stderr, the result, identity.json and the model card
// say so, their pairs are left out, and a run goes on only where the same records are bad.
func TestSkipBad(t *testing.T) {
	onCPU(t)
	dir := copyEmoji(t)
	for _, file := range []string{pairwise, pointwise} {
		flipRecord(t, filepath.Join(dir, file), 5)
	}
	out := filepath.Join(t.TempDir(), "run")
	pretrain := []string{"pretrain", "--corpus", dir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", out}
	skip := append(pretrain, "--skip-bad", "--json")
	vsim(t, pretrain...).failed(exitFailed, "record 5 at byte", "data checksum is",
		"vsim data check names all; --skip-bad passes over")
	vsim(t, append(skip, "--max-bad", "0.01")...).failedJSON(exitFailed, "records are bad, more than the 0.01% that may be skipped")
	vsim(t, append(pretrain, "--max-bad", "2")...).failed(exitUsage, "--max-bad: is for --skip-bad")
	vsim(t, append(skip, "--max-bad", "0")...).failedJSON(exitUsage, "--max-bad: 0 is not above 0")

	o := vsim(t, skip...).ended(exitDone)
	wantSkipped(t, o, 2, 0, "pointwise/pretrain_0.tfrecords", "pairwise/pairwise.tfrecords")
	if strings.Count(o.stderr, "1 bad record skipped: "+dir) != 2 || !strings.Contains(o.stderr, "record 5 at byte") {
		t.Errorf("stderr: %q", o.stderr)
	}
	var id struct{ Skipped int }
	if err := jsonfile.Read(run.Dir(out).Identity(), &id); err != nil || id.Skipped != 2 {
		t.Errorf("identity.json: %+v, %v", id, err)
	}
	card, err := os.ReadFile(filepath.Join(run.Dir(out).Model(), run.CardFile))
	if err != nil || !strings.Contains(string(card), "skipped 2 bad records") {
		t.Errorf("%s, %v", card, err)
	}
	o = vsim(t, skip...).ended(exitDone) // done before
	wantSkipped(t, o, 2, 0, "pointwise/pretrain_0.tfrecords", "pairwise/pairwise.tfrecords")
	tuned := filepath.Join(t.TempDir(), "tuned")
	o = vsim(t, "finetune", "--corpus", dir, "--recipe", "tiny", "--set", "finetune.epochs=0", "--init", out, "--out", tuned,
		"--skip-bad", "--json").ended(exitDone)
	wantSkipped(t, o, 1, 1, "pairwise/pairwise.tfrecords")
	file := filepath.Join(t.TempDir(), "e.safetensors")
	embed := []string{"embed", "--model", out, "--records", filepath.Join(dir, pairwise), "--out", file, "--json", "--skip-bad"}
	o = vsim(t, embed...).ended(exitDone)
	wantSkipped(t, o, 1, 0, filepath.Join(dir, pairwise))
	near(t, "videos", o.object()["videos"], float64(len(recordIDs(t, filepath.Join(emojiDir, pairwise)))-1), 0)
	wantSkipped(t, vsim(t, embed...).ended(exitDone), 1, 0, filepath.Join(dir, pairwise))

	flipRecord(t, filepath.Join(dir, pairwise), 6)
	vsim(t, skip...).failedJSON(exitFailed, "on a corpus of other contents")
	if err := manifest.Hold(out); err != nil {
		t.Error(err)
	}
	vsim(t, embed...).failedJSON(exitFailed, file)
}

// wantSkipped checks the number of skipped records and pairs in a result, and the files of the records.
func wantSkipped(t *testing.T, o outcome, records, pairs int, files ...string) {
	t.Helper()
	v, _ := o.object()["skipped"].(map[string]any)
	list, _ := v["list"].([]any)
	if v["records"] != float64(records) || len(list) != len(files) || (v["pairs"] != nil) != (pairs > 0) {
		t.Errorf("%s\nskipped: %v", o.line, v)
		return
	}
	for i, file := range files {
		if p, _ := list[i].(map[string]any); p["file"] != file || p["record"] != float64(5) {
			t.Errorf("%s\nskipped: %v, want record 5 of %s", o.line, p, file)
		}
	}
}

// failedJSON is failed for a call with --json, whose last line on stderr has the texts.
func (o outcome) failedJSON(code int, texts ...string) {
	o.Helper()
	if v := o.ended(code).object(); v["error"] == nil {
		o.Errorf("%s\nno error in %s", o.line, o.out)
	}
	o.out, o.stderr = "", lastLine(o.stderr)
	o.failed(code, texts...)
}
