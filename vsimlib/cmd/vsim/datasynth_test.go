// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/jsonfile"
)

// TestDataSynth: both kinds are good corpora, the same flags give the same files, and nothing is overwritten unasked.
func TestDataSynth(t *testing.T) {
	for _, kind := range []string{"controlled", "competition"} {
		dir := filepath.Join(t.TempDir(), "new", kind)
		args := []string{"data", "synth", "--out", dir, "--like", kind, "--pointwise", "60", "--pairs", "200", "--seed", "9"}
		v := vsim(t, append(args, "--json")...).ended(exitDone).has("bytes", "parts")
		for _, part := range []string{"pointwise", "pairwise", "test_a"} {
			if _, ok := v["parts"].(map[string]any)[part].(map[string]any); !ok {
				t.Errorf("%s: no part %s: %v", kind, part, v)
			}
		}
		near(t, kind+" videos", v["parts"].(map[string]any)["pointwise"].(map[string]any)["videos"], 60, 0)
		vsim(t, "data", "check", dir).ended(exitDone)
		before := snapshot(t, dir)
		again := vsim(t, append(args, "--json")...).ended(exitDone).has("bytes", "parts")
		if o := vsim(t, args...).ended(exitDone); !strings.Contains(o.out, "done before: "+kind) || !reflect.DeepEqual(v, again) {
			t.Errorf("stdout %q; was %v, is %v", o.out, v, again)
		}
		other := append([]string{}, args...)
		other[len(other)-1] = "10"
		vsim(t, other...).failed(exitFailed, dir, "is not empty; --force")
		if o := vsim(t, append(args, "--force")...).ended(exitDone); !strings.Contains(o.out, "pointwise  60 videos in 1 file") {
			t.Errorf("stdout %q", o.out)
		}
		if !sameFiles(before, snapshot(t, dir)) {
			t.Errorf("%s: other files from the same flags", kind)
		}
	}
}

// TestDataSynthStops: a signal and a full disk leave nothing.
func TestDataSynthStops(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "big")
	args := []string{"data", "synth", "--out", dir, "--like", "competition", "--pointwise"}
	s := start(t, append(args, "10000000", "--json")...)
	begun := func() bool { // it writes into a directory next to the one that it makes
		list, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "*", "pointwise"))
		return len(list) > 0
	}
	for deadline := time.Now().Add(2 * time.Minute); !begun(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is written")
		}
	}
	code := s.send(syscall.SIGINT)
	outcome{T: t, line: "SIGINT", code: code, out: s.out.String(), stderr: s.stderr.String()}.ended(130)
	if !strings.Contains(lastLine(s.stderr.String()), "not written: stopped by SIGINT") || jsonfile.Exists(dir) {
		t.Errorf("stderr %q; %s is there: %t", s.stderr.String(), dir, jsonfile.Exists(dir))
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	limited(t, append(args, "300")...).failed(exitFailed, "pretrain_0.tfrecords: not written: file too large")
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
