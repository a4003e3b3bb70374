// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/grid"
)

var (
	shellBlock = regexp.MustCompile("(?ms)^```(?:sh)?\n(.*?)^```$")
	inlineVsim = regexp.MustCompile("`((?:\\./)?vsim [a-z][^`]*)`")
	comment    = regexp.MustCompile(`(?:^|\s+)#.*$`)
)

// shellWords splits a command as a shell does, quotes and their contents in one word.
func shellWords(line string) []string {
	return regexp.MustCompile(`(?:[^\s'"]|'[^']*'|"[^"]*")+`).FindAllString(line, -1)
}

// commandsOf returns the commands of a page's shell blocks, continued lines joined, comments and assignments left out.
func commandsOf(page string) [][]string {
	var all [][]string
	for _, block := range shellBlock.FindAllStringSubmatch(page, -1) {
		text := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(block[1], "")
		for line := range strings.Lines(text) {
			words := shellWords(comment.ReplaceAllString(strings.TrimSpace(line), ""))
			for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
				words = words[1:]
			}
			if len(words) > 0 {
				all = append(all, words)
			}
		}
	}
	return all
}

// argumentsOf returns the arguments of vsim in a command, and whether it calls vsim at all.
func argumentsOf(words []string) ([]string, bool) {
	line := strings.Join(words, " ")
	for _, prefix := range []string{"./vsim ", "vsim ", "go run ./vsimlib/cmd/vsim ", "dc run --rm vsim "} {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return shellWords(rest), true
		}
	}
	return nil, false
}

// faultOf says what is wrong with a call of vsim on a page: an unknown subcommand, flag, setting, recipe or study. Placeholders
// such as $m and N are taken for 1. whole calls must have the arguments that the subcommand needs.
func faultOf(args []string, whole bool) string {
	for i, arg := range args {
		arg = regexp.MustCompile(`\$[a-z]`).ReplaceAllString(strings.Trim(arg, `'"`), "1")
		if arg == "N" || arg == "1..6" {
			arg = "1"
		}
		args[i] = arg
	}
	root := newRoot(cli.New(io.Discard, nil))
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err.Error()
	}
	if cmd == root {
		return "no subcommand"
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err.Error()
	}
	operands := cmd.Flags().Args()
	if whole {
		if err := cmd.ValidateArgs(operands); err != nil {
			return err.Error()
		}
		if err := cmd.ValidateRequiredFlags(); err != nil {
			return err.Error()
		}
	}
	if cli.CommandName(cmd) == "study" && len(operands) > 0 && operands[0] != "NAME" && operands[0] != "NAME|FILE.json" {
		if fault := faultOfGrid(cmd, args, operands[0]); fault != "" {
			return fault
		}
	}
	return faultOfRecipe(args)
}

// faultOfGrid looks at the name of a study, and at the settings of an own one.
func faultOfGrid(cmd *cobra.Command, args []string, name string) string {
	own := cmd.Flags().Changed("vary") || cmd.Flags().Changed("cell") || strings.HasSuffix(name, ".json")
	if !own && !slices.Contains(study.Names(), name) {
		return "no study " + name
	}
	for i, arg := range args[:max(0, len(args)-1)] {
		var err error
		switch value := args[i+1]; {
		case arg == "--vary" && !strings.Contains(value, "section.name"):
			_, err = grid.ParseVary(value)
		case arg == "--cell" && !strings.Contains(value, "section.name"):
			_, err = grid.ParseCell(value)
		}
		if err != nil {
			return err.Error()
		}
	}
	return ""
}

// faultOfRecipe looks at the values of --recipe and --set.
func faultOfRecipe(args []string) string {
	r, _ := recipe.Preset("demo")
	for i, arg := range args[:max(0, len(args)-1)] {
		switch value := args[i+1]; {
		case arg == "--set" && !strings.Contains(value, "…"):
			if err := r.Set(value); err != nil {
				return err.Error()
			}
		case arg == "--recipe" && value != "NAME":
			if _, err := recipe.Load(strings.Replace(value, "data/", repository+"/data/", 1)); err != nil {
				return err.Error()
			}
		}
	}
	return ""
}

// TestCommandsOfPages checks every command of the pages against the command itself: subcommands, flags, settings, recipes, studies
// and scripts exist.
func TestCommandsOfPages(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"README.md", "vsimlib/docs/*.md", "notebooks/README.md", "data/README.md", "docker/README.md",
		".github/*.md"} {
		found, err := filepath.Glob(filepath.Join(repository, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no page (%v)", pattern, err)
		}
		pages = append(pages, found...)
	}
	called := 0
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		check := func(words []string, whole bool) {
			args, ok := argumentsOf(words)
			if !ok {
				return
			}
			called++
			if fault := faultOf(args, whole); fault != "" {
				t.Errorf("%s: %s: %s", page, strings.Join(words, " "), fault)
			}
		}
		for _, words := range commandsOf(string(data)) {
			check(words, true)
			for _, word := range words[:min(2, len(words))] {
				script := strings.HasPrefix(word, "data/") && filepath.Ext(word) != "" || strings.HasPrefix(word, "docker/")
				if _, err := os.Stat(filepath.Join(repository, word)); script && err != nil {
					t.Errorf("%s: %s: %v", page, strings.Join(words, " "), err)
				}
			}
		}
		for _, code := range inlineVsim.FindAllStringSubmatch(string(data), -1) {
			check(shellWords(code[1]), false)
		}
	}
	if called < 60 {
		t.Errorf("only %d calls of vsim found", called)
	}
}

// TestCommandsOfPagesCanFail plants faults.
func TestCommandsOfPagesCanFail(t *testing.T) {
	for line, good := range map[string]bool{
		"./vsim eval --embeddings a --labels b":                        true,
		"./vsim study epochs --set pretrain.epochs=4":                  true,
		"./vsim evaluate --embeddings a":                               false,
		"./vsim eval --embeding a --labels b":                          false,
		"./vsim eval --embeddings a":                                   false,
		"./vsim study epoch":                                           false,
		"./vsim study epochs --set pretrain.epoch=4":                   false,
		"./vsim finetune --corpus c --recipe demi --init i --out o":    false,
		"./vsim pretrain --corpus c --recipe demo --out o --member $m": true,
	} {
		args, _ := argumentsOf(shellWords(line))
		if fault := faultOf(args, true); (fault == "") != good {
			t.Errorf("%s: fault %q, want good %t", line, fault, good)
		}
	}
}
