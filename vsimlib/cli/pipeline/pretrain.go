// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

const pretrainLong = `Pretrain a model on a corpus: which tags a video has, which tokens of its title were masked, and which of its
frames were zeroed. Videos are the union of pointwise and pairwise by id, each once an epoch.

The run directory gets recipe.json (all settings, resolved), metrics.jsonl (a line a step), checkpoints/, and once done
result.json and model/. A run that was stopped, by a signal or by kill -9, goes on where it was when the same line is run
again; one that is done is not done again. Another recipe, corpus or start in the same directory is refused, and so is
another backend or another arithmetic, which the run's files name, unless --mix-backends asks for it.

With --init the model section of the recipe is that model's, and its vocabulary is used; without it the weights are drawn
from pretrain.seed and the corpus must have a vocab.txt. With pretrain.epochs=0 the run ends at once with that model.

A bad record ends the run before its first step. With --skip-bad records are passed over whose checksums, encoding or fields
are wrong, up to --max-bad percent of a part: stderr and the result name them, and the run's identity covers them, so that the
run goes on only where the same records are bad.`

func newPretrain(a *cli.App) *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use: "pretrain --corpus DIR --recipe NAME|FILE --out RUN", Short: "Pretrain on tags, masked tokens and masked frames",
		Long: pretrainLong,
		Example: `  vsim pretrain --corpus data/emoji --recipe demo --out data/runs/pretrain
  vsim pretrain --corpus data/emoji --recipe demo --member 4 --set pretrain.epochs=3 --out data/runs/member4`,
		Args: cli.NoArgs,
	}
	f.add(cmd)
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		o, err := f.options(a, cmd)
		if err != nil {
			return err
		}
		before := f.before()
		r, err := trainer.Pretrain(ctx, o)
		if err != nil {
			return f.skip.Hint(err)
		}
		return a.Result(r, func(w io.Writer) {
			fmt.Fprintf(w, "%s%s\n", doneBefore(before), pretrained(r))
			if len(r.Val) > 0 {
				fmt.Fprintf(w, "validation: %s\n", values(r.Val))
			}
			if r.Diverged != "" {
				fmt.Fprintln(w, r.Diverged)
			}
			skipped(w, r.Skipped)
			fmt.Fprintf(w, "model: %s\n", r.Model)
		})
	})
	return cmd
}

// pretrained says what a pretraining did.
func pretrained(r trainer.PretrainResult) string {
	if r.Steps == 0 {
		return "no step of pretraining (pretrain.epochs=0); the model is as it starts"
	}
	return fmt.Sprintf("pretrained %s on %s: %s", text.Count(r.Steps, "step"), text.Count(r.Videos, "video"), values(r.Losses))
}

// values is "loss 3.21, loss_mfm 1.2", by name.
func values(m map[string]float64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %.4g", name, m[name]))
	}
	return strings.Join(parts, ", ")
}
