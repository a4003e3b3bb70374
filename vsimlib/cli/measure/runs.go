// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/text"
	"vsim/vsimlib/verify"
)

const runsLong = `List the trainings in a directory and below it (default data/runs), those of studies and notebooks too: stage,
state, steps, score with its split, time, size, and the preset that the recipe is nearest to with the settings that differ.

The state is derived from the files and the lock at every call:

  done      all files are there as the manifest says, by their names and sizes (vsim runs verify reads them too)
  running   a process has the directory
  stopped   it was stopped by a signal, or failed, and released the directory; the same command goes on
  died      its process was killed, or the machine stopped; the same command goes on from the last checkpoint
  damaged   it was done, and a file is missing or has another size

--where selects by a condition KEY=VALUE, or with !=, <, <=, >, >=, and several of them by all; --sort orders by a key,
with - before it falling. A key is one of dir, stage, state, step, steps, checkpoint, preset, member, split, start, seconds and
bytes, or a score such as val_spearman, or a setting such as pretrain.epochs. A run without the key is not selected, and comes last.

A run that cannot be read, and a directory without a training, is named and passed over. Weights are not read.`

// defaultRuns is where runs are by default.
var defaultRuns = filepath.Join("data", "runs")

func newRuns(a *cli.App) *cobra.Command {
	cmd := newRunsList(a, "runs [DIR]")
	cmd.Short, cmd.Long = "List, compare, export, verify and remove trainings", runsLong
	cmd.Example = `  vsim runs
  vsim runs data/runs/demo --stage finetune --sort -val_spearman
  vsim runs --where "val_spearman>0.6" --where pretrain.epochs=10
  vsim runs diff data/runs/pretrain data/runs/other
  vsim runs verify data/runs`
	cmd.SuggestionsMinimumDistance = 2
	list := newRunsList(a, "list [DIR]")
	list.Short, list.Long = "List trainings, as vsim runs does", runsLong
	list.Example = "  vsim runs list data/runs --state stopped,died"
	cmd.AddCommand(list, newRunsDiff(a), newRunsExport(a), newRunsVerify(a), newRunsRm(a))
	return cmd
}

const runsVerifyLong = `Read all bytes of the runs, tasks of studies, generated corpora and imported models in these directories and
below them, and compare them with their manifests (vsim.json) and checksums, those of checkpoints and of embeddings files too. Each
file that is missing or altered is named. Exit code 1 if there is any. Nothing is changed.

The command that made a run or a study makes again what is missing or altered of it; a corpus or a model is made again with --force.
Directories of older versions, which have no manifest, are listed as not verified, those of stopped runs as unfinished.`

func newRunsVerify(a *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "verify DIR...", Short: "Read everything and name what is missing or altered", Long: runsVerifyLong,
		Example: `  vsim runs verify data/runs/pretrain
  vsim runs verify data/runs`,
		Args: cli.Operands("DIR"),
	}
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, dirs []string) error {
		r, err := verify.All(ctx, dirs)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Verb(), err)
		}
		if err := a.Result(r, func(w io.Writer) { verifySummary(w, r) }); err != nil {
			return err
		}
		if len(r.Problems) > 0 {
			return fmt.Errorf("%s: %s; the first: %s", a.Verb(), text.Count(len(r.Problems), "problem"), r.Problems[0])
		}
		return nil
	})
	return cmd
}

// verifySummary is a line a directory, and one for each problem.
func verifySummary(w io.Writer, r verify.Report) {
	for _, d := range r.Dirs {
		fmt.Fprintf(w, "%-12s %s: %s, %s\n", d.State, text.OneLine(d.Dir), text.OneLine(d.Kind), text.Count(d.Files, "file"))
		for _, p := range d.Problems {
			fmt.Fprintf(w, "  %s\n", text.OneLine(p))
		}
	}
}
