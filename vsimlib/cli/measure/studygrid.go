// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/grid"
)

const studyGrid = `

A grid of your own is a NAME with --vary or --cell, or a FILE.json that a notebook wrote or you did:

  {"name": "width", "seeds": [1, 2, 3], "vary": [{"setting": "model.hidden_size", "values": [32, 64]}]}

Its keys are name, question, scale, corpus, recipe, set, seeds, held_out, baseline, axis, cells (label, set, tune, member, series,
x), members, times, values, vary and ensembles. The flags --scale, --corpus, --recipe and --seeds replace the file's, --set adds to
it. Under the name of a named study a grid has its base, and where it varies the same settings its question and axis. All of it is
checked before anything is trained. --plan says how many tasks there are, which are done, and about how many minutes the others
take.`

// gridFlags are the flags of own grids.
type gridFlags struct {
	vary, cells []string
	values      []string
	baseline    string
	heldOut     bool
	yes         bool
}

// add defines the flags.
func (f *gridFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.vary, "vary", nil,
		"a cell for each value of a setting, `SECTION.NAME=A,B,C`; repeated, a cell for each combination")
	cmd.Flags().StringArrayVar(&f.cells, "cell", nil,
		"a cell of these settings over the base, `LABEL:SECTION.NAME=VALUE,...`; may be repeated")
	cmd.Flags().StringSliceVar(&f.values, "values", nil,
		"a cell for each of `A,B,C`, values of the setting that the named study varies, and the base")
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "compare the cells with the one of that `LABEL`")
	cmd.Flags().BoolVar(&f.heldOut, "held-out", false,
		"score the held-out pairs of pairwise, not test_a: choose among cells on them")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "allow more than 1,000 trainings")
}

// given reports whether any of the flags defines cells.
func (f *gridFlags) given() bool { return len(f.vary)+len(f.cells)+len(f.values) > 0 }

// isFile reports whether the operand is a grid's file.
func isFile(operand string) bool { return filepath.Ext(operand) == ".json" }

// define is the study that operand and flags ask for. Faults of a file are failures, those of flags wrong usage.
func (o *studyCall) define(cmd *cobra.Command, operand string) error {
	d := grid.Definition{Name: operand}
	if isFile(operand) {
		var err error
		if d, err = grid.Read(operand); err != nil {
			return fmt.Errorf("study: %w", err)
		}
		if o.grid.given() {
			return cli.Usagef(cmd, "--vary, --cell and --values are for a NAME: %s has the cells", operand)
		}
	}
	if err := o.grid.apply(cmd, &d); err != nil {
		return err
	}
	flags := cmd.Flags()
	if d.Scale == "" || flags.Changed("scale") {
		d.Scale = o.Scale
	}
	if d.Corpus == "" || flags.Changed("corpus") {
		d.Corpus = o.Corpus
	}
	if flags.Changed("recipe") {
		d.Recipe = o.Recipe
	}
	if flags.Changed("seeds") {
		d.Seeds = o.Seeds
	}
	if flags.Changed("baseline") {
		d.Baseline = results.Label(o.grid.baseline)
	}
	d.HeldOut = d.HeldOut || o.grid.heldOut
	d.Set = slices.Concat(d.Set, o.Set)
	o.Scale, o.Corpus, o.study = d.Scale, d.Corpus, d
	return nil
}

// apply adds the cells of the flags.
func (f *gridFlags) apply(cmd *cobra.Command, d *grid.Definition) error {
	for _, text := range f.vary {
		along, err := grid.ParseVary(text)
		if err != nil {
			return cli.Usagef(cmd, "--vary: %v", err)
		}
		d.Vary = append(d.Vary, along)
	}
	for _, text := range f.cells {
		cell, err := grid.ParseCell(text)
		if err != nil {
			return cli.Usagef(cmd, "--cell: %v", err)
		}
		d.Cells = append(d.Cells, cell)
	}
	for _, value := range f.values {
		d.Values = append(d.Values, grid.Value(strings.TrimSpace(value)))
	}
	return nil
}

// own reports whether the call is of more than a named study, so that machines of a cluster need its file.
func (o *studyCall) own(operand string) bool {
	return isFile(operand) || o.grid.given() || o.grid.baseline != "" || o.grid.heldOut
}

// inFile are the flags whose values the file for a cluster's machines holds.
var inFile = []string{"scale", "corpus", "recipe", "set", "seeds", "vary", "cell", "values", "baseline", "held-out"}

// shared writes an own grid for the machines of a cluster, under a name of its contents: a file of the user's may change while jobs
// wait. It returns the operand of their command.
func (o *studyCall) shared(g *study.Grid, operand string) (string, error) {
	if !o.own(operand) {
		return operand, nil
	}
	d := o.study
	if d.Corpus != study.Controlled {
		var err error
		if d.Corpus, err = filepath.Abs(d.Corpus); err != nil {
			return "", fmt.Errorf("study: %w", err)
		}
	}
	data, err := jsonfile.Encode(d)
	if err != nil {
		return "", fmt.Errorf("study: %w", err)
	}
	sum := sha256.Sum256(data)
	folder := filepath.Join(g.Folder(), "slurm", "grids")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", fmt.Errorf("study: %w", err)
	}
	file := filepath.Join(folder, grid.Slug(d.Name)+"-"+hex.EncodeToString(sum[:8])+".json")
	return file, d.Write(file)
}

// checkOperand refuses a call without a study, and names that are neither a study's nor, with cells, an own grid's.
func (o *studyCall) checkOperand(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return cli.Usagef(cmd, "NAME is missing; there are %s", strings.Join(study.Names(), ", "))
	case len(args) > 1:
		return cli.AtMostOne("NAME")(cmd, args)
	case isFile(args[0]) || slices.Contains(study.Names(), args[0]):
		return nil
	case len(o.grid.vary)+len(o.grid.cells) == 0:
		return cli.Usagef(cmd, "%v; a grid of another name has --vary or --cell, or is a FILE.json", study.Unknown(args[0]))
	case grid.Slug(args[0]) == "":
		return cli.Usagef(cmd, "%q: a name needs a letter or a digit", args[0])
	}
	return nil
}

// planned expands the study to its tasks. Too many trainings are wrong usage.
func (o *studyCall) planned(cmd *cobra.Command) (*study.Grid, error) {
	o.study.Corpus = o.Corpus
	g, err := o.study.Plan(grid.On{Runs: o.Runs, Backend: o.Backend, Large: o.grid.yes})
	if errors.Is(err, grid.ErrTooLarge) {
		return nil, cli.Usagef(cmd, "%v", err)
	}
	return g, err
}
