// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

// trainFlags are the flags that both stages of training share.
type trainFlags struct {
	recipe            cli.RecipeFlags
	corpus, out, init string
	force, mix        bool
	skip              cli.SkipFlags
	devices           int
}

func (f *trainFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.corpus, "corpus", "", "train on the corpus in `DIR`")
	cmd.Flags().StringVar(&f.out, "out", "", "write the run to `DIR`, or go on with the one in it")
	cmd.Flags().StringVar(&f.init, "init", "", "start from the model in `DIR`, or of the run in it")
	cmd.Flags().BoolVar(&f.force, "force", false, "start afresh: the earlier run in the directory is removed")
	cmd.Flags().IntVar(&f.devices, "devices", 1, "share each batch among `N` devices of this machine; the losses stay those of one")
	cli.MixFlag(cmd, &f.mix, "go on with a run that another backend or arithmetic began; the result says so")
	f.skip.Add(cmd)
	f.recipe.Add(cmd)
	cli.Require(cmd, "corpus", "out")
}

// options reads the recipe and opens the backend.
func (f *trainFlags) options(a *cli.App, cmd *cobra.Command) (trainer.Options, error) {
	if f.devices < 1 {
		return trainer.Options{}, cli.Usagef(cmd, "--devices: %d is below 1", f.devices)
	}
	share, err := f.skip.Share(cmd)
	if err != nil {
		return trainer.Options{}, err
	}
	r, err := f.recipe.Load(cmd)
	if err != nil {
		return trainer.Options{}, err
	}
	if err := a.PrepareDir(f.out); err != nil {
		return trainer.Options{}, err
	}
	if err := a.InspectCorpus(f.corpus); err != nil {
		return trainer.Options{}, err
	}
	if f.init != "" {
		if f.init, err = runid.Model(f.init); err != nil {
			return trainer.Options{}, fmt.Errorf("%s: --init %w", a.Verb(), err)
		}
	}
	backend, info, err := backends.Open()
	if err != nil {
		return trainer.Options{}, err
	}
	a.WarnOfBackend(info)
	if err := f.warnOfMember(a, cmd, r); err != nil {
		return trainer.Options{}, err
	}
	return trainer.Options{
		Backend: backend, Corpus: f.corpus, Recipe: r, Set: f.recipe.Set, Out: f.out, Init: f.init, Force: f.force, Devices: f.devices,
		Allowed: trainer.Allowed{MixBackends: f.mix, SkipBad: share}, Report: a.Console.Training(), Warn: a.Warn,
	}, nil
}

// before reports whether the run was done before this call.
func (f *trainFlags) before() bool {
	err := manifest.Hold(f.out)
	older := errors.Is(err, manifest.ErrNone) && jsonfile.Exists(run.Dir(f.out).Result())
	return !f.force && (err == nil || older)
}

// doneBefore begins the summary of a run that was not done by this call.
func doneBefore(before bool) string {
	if before {
		return "done before: "
	}
	return ""
}

// warnOfMember warns where the initial model is not the member that was asked for: its own settings stay.
func (f *trainFlags) warnOfMember(a *cli.App, cmd *cobra.Command, r recipe.Recipe) error {
	if f.init == "" || !cmd.Flags().Changed("member") {
		return nil
	}
	has, err := recipe.ReadModelConfig(filepath.Join(f.init, run.ConfigFile))
	if err != nil {
		return err
	}
	for _, s := range []struct{ name, want, has string }{
		{"layout", r.Model.Layout, has.Layout}, {"pooling", r.Model.Pooling, has.Pooling}, {"tag_input", r.Model.TagInput, has.TagInput},
	} {
		set := slices.ContainsFunc(f.recipe.Set,
			func(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "model."+s.name+"=") })
		if s.want != s.has && !set {
			a.Warn(fmt.Sprintf("member %d has model.%s=%s, but %s has %s and keeps it; "+
				"vsim import --set model.%s=%s makes a model that has it",
				f.recipe.Member, s.name, s.want, f.init, s.has, s.name, s.want))
		}
	}
	return nil
}

// skipped writes the line of a result about bad records, if there were any.
func skipped(w io.Writer, s *corpus.Skipped) {
	if s == nil {
		return
	}
	fmt.Fprintln(w, s)
	if s.Pairs > 0 {
		fmt.Fprintf(w, "%s of them skipped\n", text.Count(s.Pairs, "pair"))
	}
}
