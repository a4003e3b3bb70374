// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"vsim/vsimlib/run"
)

// TestOutIsOwn: each verb that writes a directory refuses one that has something else in it, with --force too, and changes nothing
// there. The emoji corpus, a folder of runs, and a folder with the model to start from are the slips that happened.
func TestOutIsOwn(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	fresh := run.Dir(freshModel(t))
	beside := t.TempDir() // the run would write over the model that it starts from
	if err := os.CopyFS(filepath.Join(beside, "model"), os.DirFS(fresh.Model())); err != nil {
		t.Fatal(err)
	}
	corpus, runs := copyEmoji(t), filepath.Dir(string(fresh))
	train := []string{"--corpus", corpus, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--set", "finetune.epochs=0"}
	hf := filepath.Join("..", "..", "huggingface", "testdata", "tiny", "model")
	verbs := map[string][]string{
		"run":    append([]string{"pretrain", "--out"}, append([]string{""}, train...)...),
		"study":  studyArgs(t, "labels", t.TempDir(), "--out", ""),
		"corpus": {"data", "synth", "--like", "controlled", "--pointwise", "100", "--pairs", "0", "--out", ""},
		"model":  {"import", "--hf", hf, "--out", ""},
	}
	for kind, args := range verbs {
		for dir, foreign := range map[string]string{beside: "model", corpus: "", runs: ""} {
			before := snapshot(t, dir)
			for _, force := range []bool{false, true} {
				if force && kind == "study" {
					continue // has no such flag
				}
				line := make([]string, 0, len(args)+1)
				for _, arg := range args {
					if arg == "" {
						arg = dir
					}
					line = append(line, arg)
				}
				if force {
					line = append(line, "--force")
				}
				vsim(t, line...).failed(exitFailed, dir+": has "+foreign, "is no "+kind+" of vsim")
			}
			if !sameFiles(before, snapshot(t, dir)) {
				t.Errorf("%s changed %s", args[0], dir)
			}
		}
	}
	finetune := append([]string{"finetune", "--init", filepath.Join(beside, "model"), "--out", beside}, train...)
	vsim(t, finetune...).failed(exitFailed, "has model and is no run of vsim")
}
