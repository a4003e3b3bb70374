// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/slurm/slurmtest"
)

// smallest are settings under which a cell trains in a fraction of a second on the Go backend.
var smallest = []string{"model.num_attention_heads=1", "model.intermediate_size=8", "model.embedding_dim=6", "model.max_frames=2",
	"model.max_text=6", "pretrain.batch=64", "pretrain.epochs=1", "pretrain.val_videos=0", "finetune.max_pairs=64"}

// TestStudyOfOwnCells: a grid in flags and the same in a file are the same tasks and the same table, byte for byte; the second
// trains nothing.
func TestStudyOfOwnCells(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	file := filepath.Join(dir, "width.json")
	text := `{"name": "Width", "seeds": [1], "set": ["` + strings.Join(smallest, `", "`) + `"],
		"vary": [{"setting": "model.hidden_size", "values": [4, 8]}, {"setting": "finetune.epochs", "values": [0, 1]}]}`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	out := func(name string) string { return filepath.Join(dir, name) }
	flags := []string{"study", "Width", "--vary", "model.hidden_size=4,8", "--vary", "finetune.epochs=0,1", "--seeds", "1", "--runs",
		out("runs")}
	for _, set := range smallest {
		flags = append(flags, "--set", set)
	}
	plan := vsim(t, append(flags, "--plan", "--json")...).ended(exitDone).object()
	if n := len(plan["tasks"].([]any)); n != 1+2+4+4 || plan["done"] != 0. || plan["minutes"].(float64) <= 0 {
		t.Errorf("plan: %d tasks, %v done, %v minutes", n, plan["done"], plan["minutes"])
	}
	if o := vsim(t, append(flags, "--out", out("a"))...).ended(exitDone); !strings.Contains(o.out, "| hidden_size=4, epochs=0 |") ||
		!strings.Contains(o.stderr, "vsim: study width: 11 tasks, 0 done, ") {
		t.Errorf("stdout %s\nstderr %s", o.out, o.stderr)
	}
	before := snapshot(t, out("runs"))
	vsim(t, "study", file, "--runs", out("runs"), "--out", out("b")).ended(exitDone)
	if !sameFiles(before, snapshot(t, out("runs"))) {
		t.Error("the file's grid trained something")
	}
	sameTable(t, out("a"), out("b"))
	if o := vsim(t, "study", file, "--runs", out("runs"), "--plan").ended(exitDone); !strings.HasSuffix(o.out, "11 tasks, 11 done\n") {
		t.Errorf("plan %s", o.out)
	}
}

// TestStudyGridRefused: each wrong grid has its line, and nothing is trained or written.
func TestStudyGridRefused(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	runs, file := filepath.Join(dir, "runs"), filepath.Join(dir, "g.json")
	study := func(args ...string) []string { return append([]string{"study", "--runs", runs}, args...) }
	for _, c := range []struct {
		code int
		args []string
		want string
	}{
		{exitUsage, []string{"mine"}, `unknown study "mine"; there are tasks, `},
		{exitUsage, []string{"mine", "--vary", "pretrain.epoch=1"}, `the nearest is "pretrain.epochs", and there are epochs, `},
		{exitUsage, []string{"mine", "--vary", "pretrain.epochs=1,x"}, "x is not a whole number"},
		{exitUsage, []string{"mine", "--vary", "pretrain.lr_heads=nan"}, "nan is not a finite number"},
		{exitUsage, []string{"mine", "--vary", "pretrain.epochs"}, "want section.name=value"},
		{exitUsage, []string{"mine", "--cell", "a:model.x=1"}, `unknown name "model.x"`},
		{exitUsage, []string{"mine", "--cell", ":model.x=1"}, "a label is empty"},
		{exitFailed, []string{"mine", "--cell", "a", "--cell", "a"}, `duplicate cell "a"`},
		{exitFailed, []string{"mine", "--cell", "a", "--baseline", "b"}, `no cell "b", which is the baseline; there are a`},
		{exitFailed, []string{"tasks", "--values", "1"}, "varies no one setting"},
		{exitUsage, []string{"mine", "--vary", "pretrain.epochs=" + strings.Repeat("1,", 1000) + "1"}, "allow it with --yes"},
		{exitUsage, []string{file, "--vary", "pretrain.epochs=1"}, "are for a NAME"},
		{exitFailed, []string{filepath.Join(dir, "none.json")}, "no such file"},
	} {
		if err := os.WriteFile(file, []byte(`{"name": "mine", "cells": [{"label": "a"}]}`), 0o666); err != nil {
			t.Fatal(err)
		}
		vsim(t, study(c.args...)...).failed(c.code, c.want)
	}
	if err := os.WriteFile(file, []byte(`{"name": "mine", "cell": []}`), 0o666); err != nil {
		t.Fatal(err)
	}
	empty := filetest.Write(t, filepath.Join(dir, "empty.json"), `{"name": "mine", "cells": []}`)
	vsim(t, study(empty)...).failed(exitFailed, empty+": a grid of your own needs cells: ",
		`in a file "cells", "vary" or "members"; without them: unknown study "mine"; there are tasks, `)
	vsim(t, study(file)...).failed(exitFailed, `unknown key "cell"; the nearest is "cells", and there are name, `)
	if _, err := os.Stat(runs); err == nil {
		t.Error("something was written")
	}
}

// TestStudyGridSlurm: the jobs of a cluster work on an own grid by a file of their own, so that the user's may go; the table is
// that of one process, byte for byte.
func TestStudyGridSlurm(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster")
	}
	t.Setenv("GOMLX_BACKEND", "go")
	slurmtest.Start(t, 1)
	dir := t.TempDir()
	file := filepath.Join(dir, "width.json")
	text := `{"name": "Width", "seeds": [1], "set": ["` + strings.Join(smallest, `", "`) + `"],
		"vary": [{"setting": "model.hidden_size", "values": [4, 8]}]}`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	out := func(name string) string { return filepath.Join(dir, name) }
	vsim(t, "study", file, "--runs", out("local"), "--out", out("a")).ended(exitDone)
	waiting := start(t, "study", file, "--runs", out("slurm"), "--out", out("b"), "--on", "slurm", "--poll", "200ms")
	grids := filepath.Join(out("slurm"), "study", "slurm", "grids", "width-*.json")
	s := &slurmStudy{T: t, runs: out("slurm")}
	s.soon("the file for the jobs", func() bool { found, _ := filepath.Glob(grids); return len(found) == 1 })
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if code := waiting.end(); code != exitDone {
		t.Fatalf("exit code %d; stderr: %s\nlogs:\n%s", code, waiting.stderr.String(), s.logs())
	}
	sameTable(t, out("a"), out("b"))
}
