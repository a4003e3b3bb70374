// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNeeded: a case brings those that make its models, in the order of the table.
func TestNeeded(t *testing.T) {
	var names []string
	for _, c := range needed([]string{"devices", "embed"}) {
		names = append(names, c.Name)
	}
	if want := []string{"pretrain", "finetune", "embed", "devices"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

// TestGoldenPackage: the golden cases are where the check runs them. A test binary without them passes, and makes no program.
func TestGoldenPackage(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(goldenPackage), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	has := func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+goldenTest+"(")
	}
	if !slices.ContainsFunc(files, has) {
		t.Errorf("none of %d files of %s has %s", len(files), goldenPackage, goldenTest)
	}
}

// TestExpand fills in folders and type, and leaves no word of the table behind.
func TestExpand(t *testing.T) {
	for _, c := range cases {
		for _, command := range c.Commands {
			line := strings.Join(expand(command, "/corpus", "/runs", arithmetics[2]), " ")
			for _, left := range []string{"CORPUS", "RUN/", "DTYPE"} {
				if strings.Contains(line, left) {
					t.Errorf("%s: %s", c.Name, line)
				}
			}
		}
	}
	got := strings.Join(expand(pretrain("x", padded), "/corpus", "/runs", arithmetics[2]), " ")
	want := "pretrain --corpus /corpus --recipe tiny --out /runs/x --set model.keep_padding=true --set model.compute_dtype=bfloat16"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestParse: unknown names are refused by name; --large takes the large cases.
func TestParse(t *testing.T) {
	for _, args := range [][]string{{"--cases", "nope"}, {"--targets", "tpu"}, {"--arithmetic", "int8"}, {"more"}} {
		if _, err := parse(args); err == nil || !strings.Contains(err.Error(), `"`+args[len(args)-1]+`"`) {
			t.Errorf("%v: error %v", args, err)
		}
	}
	o, err := parse([]string{"--large", "--targets", "h200"})
	if err != nil || len(o.cases) == 0 || !strings.HasPrefix(o.cases[0], "large") || !slices.Equal(o.targets, []string{"h200"}) {
		t.Errorf("%+v (%v)", o, err)
	}
	o, err = parse(nil)
	if err != nil || !slices.Contains(o.cases, "golden") || slices.Contains(o.cases, "large") || len(o.arithmetics) != 3 {
		t.Errorf("%+v (%v)", o, err)
	}
}
