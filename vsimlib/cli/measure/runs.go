// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/text"
	"vsim/vsimlib/verify"
)

func newRuns(a *cli.App) *cobra.Command {
	return cli.Group(&cobra.Command{
		Use: "runs", Short: "Verify what runs and other verbs wrote",
		Long:    "Verify the directories that vsim wrote: runs, tasks of studies, generated corpora, imported models.",
		Example: `  vsim runs verify data/runs`,
	}, newRunsVerify(a))
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
