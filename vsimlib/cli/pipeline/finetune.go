// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

const finetuneLong = `Finetune a model on the corpus's labelled pairs (pairwise/label.tsv): the cosine of a pair's embeddings is
brought to its label, rank-normalised over all pairs. Part of the pairs is held out by finetune.split and validated on:

  released   as the competition's code did it; videos of held-out pairs are trained on (the result says how many)
  strict     no video of a held-out pair is trained on; pairs across are dropped
  component  whole components of the graph of pairs are held out; refused where one component has over 90% of the pairs

With finetune.select=best the model is that of the step with the lowest val_mse or, with a finetune.loss other than mse or a
finetune.teacher, with the highest val_spearman; with last it is that of the last step. The run directory is used as by
vsim pretrain, and a stopped run goes on in the same way. With --skip-bad, pairs of a video whose record is passed over are
passed over too.`

func newFinetune(a *cli.App) *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use: "finetune --corpus DIR --recipe NAME|FILE --out RUN --init MODEL", Short: "Finetune on labelled pairs, and validate",
		Long: finetuneLong,
		Example: `  vsim finetune --corpus data/emoji --recipe demo --init data/runs/pretrain/model --out data/runs/finetune
  vsim finetune --corpus data/emoji --recipe demo --set finetune.split=strict \
    --init data/runs/pretrain/model --out data/runs/strict`,
		Args: cli.NoArgs,
	}
	f.add(cmd)
	cli.Require(cmd, "init")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		o, err := f.options(a, cmd)
		if err != nil {
			return err
		}
		before := f.before()
		r, err := trainer.Finetune(ctx, o)
		if err != nil {
			return f.skip.Hint(err)
		}
		return a.Result(r, func(w io.Writer) {
			fmt.Fprintf(w, "%sfinetuned %s on %s\n", doneBefore(before), text.Count(r.Steps, "step"), text.Count(r.TrainPairs, "pair"))
			fmt.Fprintf(w, "validation, split %s, fold %d, %s: Spearman %.4f, MSE %.4f", r.Split, r.Fold, text.Count(r.ValPairs, "pair"),
				r.ValSpearman, r.ValMSE)
			if r.LeakedPairs > 0 {
				fmt.Fprintf(w, " (%d of these pairs have a video that was trained on)", r.LeakedPairs)
			}
			fmt.Fprintln(w)
			skipped(w, r.Skipped)
			fmt.Fprintf(w, "model: %s (of step %d)\n", r.Model, r.SelectedStep)
		})
	})
	return cmd
}
