// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/text"
)

const evalLong = `Score embeddings against labelled pairs: Spearman's correlation (average ranks, as scipy.stats.spearmanr) of
cosine and label, and the mean squared error of the cosine against the label rank-normalised over this file. Repeated, reversed and
self pairs count like all others. The interval is of these pairs alone, of which those with a common video depend on each other;
another seed of training gives another model. A constant side, an id without an embedding and NaN are errors, never a number.`

func newEval(a *cli.App) *cobra.Command {
	var from, labels string
	cmd := &cobra.Command{
		Use: "eval --embeddings E --labels label.tsv", Short: "Spearman and MSE of embeddings on labelled pairs", Long: evalLong,
		Example: `  vsim eval --embeddings test_a.safetensors --labels data/emoji/test_a/label.tsv`,
		Args:    cli.NoArgs,
	}
	cmd.Flags().StringVar(&from, "embeddings", "", "score the embeddings in `FILE`")
	cmd.Flags().StringVar(&labels, "labels", "", "score against the pairs in `FILE`, whose lines are id1 TAB id2 TAB score")
	cli.Require(cmd, "embeddings", "labels")
	cmd.RunE = a.Work(func(context.Context, *cobra.Command, []string) error {
		set, err := readSet(a, from)
		if err != nil {
			return err
		}
		pairs, err := corpus.ReadPairs(labels)
		if err != nil {
			return err
		}
		r, err := evaluate.Score(set, pairs)
		if err != nil {
			return fmt.Errorf("%w (embeddings %s, labels %s)", err, from, labels)
		}
		return a.Result(r, func(w io.Writer) {
			low, high := r.Interval(.95)
			fmt.Fprintf(w, "Spearman %.4f, MSE %.4f on %s of %s\n", r.Spearman, r.MSE, text.Count(r.Pairs, "pair"), labels)
			fmt.Fprintf(w, "95%% interval of Spearman, by these pairs: %.4f to %.4f\n", low, high)
		})
	})
	return cmd
}
