// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
	"vsim/vsimlib/tokenizer"
)

const recipeLong = `Print all settings of a recipe, one a line as --set takes it: those of a preset (tiny, demo or paper; demo where
none is named), of a JSON file, or of the run in a directory, as one of the six members where --member says so, and changed
by --set. --json prints them as a JSON object, which is a recipe file.

A corpus decides vocab_size, frame_dim and num_tags where they are 0, and with them weight_tag where it is null; --corpus fills them
in. vsim help settings explains each setting.`

func newRecipe(a *cli.App) *cobra.Command {
	f := cli.RecipeFlags{Operand: true}
	var dir string
	cmd := &cobra.Command{
		Use: "recipe [NAME|FILE|RUN]", Short: "Print the settings of a recipe", Long: recipeLong,
		Example: `  vsim recipe demo
  vsim recipe paper --member 4 --set pretrain.batch=64
  vsim recipe demo --json > mine.json
  vsim recipe data/runs/pretrain`,
		Args: cli.AtMostOne("NAME, FILE or RUN"), ValidArgsFunction: cli.CompleteFirst(append(recipe.Presets(), "FILE")...),
	}
	cmd.Flags().StringVar(&dir, "corpus", "", "fill in what the corpus in `DIR` decides")
	f.AddChanges(cmd)
	cmd.RunE = a.Work(func(_ context.Context, cmd *cobra.Command, args []string) error {
		f.Name = competition.ScaleDemo
		if len(args) > 0 {
			f.Name = args[0]
		}
		if file := run.Dir(f.Name).Recipe(); jsonfile.Exists(file) {
			f.Name = file
		}
		r, err := f.Load(cmd)
		if err == nil && dir != "" {
			err = resolve(&r, dir)
		}
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) {
			for _, s := range r.Assignments() {
				fmt.Fprintln(w, s)
			}
		})
	})
	return cmd
}

// resolve fills in what a corpus decides, as a pretraining on it from fresh weights does.
func resolve(r *recipe.Recipe, dir string) error {
	c, err := corpus.Open(dir)
	if err != nil {
		return err
	}
	tags, err := c.Tags()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(tags) == 0 && r.Pretrain.WeightTag == nil {
		r.Pretrain.WeightTag = new(float64(0)) // the task is off
	}
	sizes := recipe.Sizes{NumTags: len(tags)}
	if sizes.FrameDim, err = c.FrameDim(); err != nil && r.Model.FrameDim == 0 {
		return err
	}
	if path := c.VocabPath(); path != "" {
		tokens, err := tokenizer.LoadVocab(path)
		if err != nil {
			return err
		}
		sizes.VocabSize = tokens.VocabSize()
	}
	if err := r.Resolve(sizes); err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	return nil
}

// ExplainSettings explains the settings, all or those that the words name: a section, or section.name.
func ExplainSettings(a *cli.App, cmd *cobra.Command, words []string) error {
	all, err := recipe.Settings()
	if err != nil {
		return err
	}
	list := all
	if len(words) > 0 {
		list = nil
	}
	for _, word := range words {
		found := false
		for _, s := range all {
			if s.Name == word || strings.HasPrefix(s.Name, word+".") {
				list, found = append(list, s), true
			}
		}
		if !found {
			return cli.Usagef(cmd, "settings: %v", unknownSetting(word))
		}
	}
	return a.Result(map[string]any{"settings": list}, func(w io.Writer) {
		for _, s := range list {
			fmt.Fprintf(w, "%s: %s; %s\n%s\n", s.Name, strings.TrimPrefix(s.Type, "a "), defaults(s),
				text.Indent(s.Meaning, "    ", settingsWidth))
		}
	})
}

// settingsWidth is that of the lines that explain a setting.
const settingsWidth = 100

// unknownSetting is the error of a name that is neither a section nor a setting.
func unknownSetting(name string) error {
	if !strings.Contains(name, ".") {
		name += "."
	}
	return errors.Unwrap(new(recipe.Recipe).Set(name + "="))
}

// defaults are the values of a setting in the presets: one where they agree.
func defaults(s recipe.Setting) string {
	var parts []string
	same := true
	for _, preset := range recipe.Presets() {
		value := s.Defaults[preset]
		same = same && value == s.Defaults[recipe.Presets()[0]]
		if value == "" {
			value = "empty"
		}
		parts = append(parts, preset+" "+value)
	}
	if same {
		_, value, _ := strings.Cut(parts[0], " ")
		return "default " + value
	}
	return strings.Join(parts, ", ")
}
