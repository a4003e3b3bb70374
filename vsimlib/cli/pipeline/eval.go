// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/text"
)

const evalLong = `Score embeddings against labelled pairs: Spearman's correlation (average ranks, as scipy.stats.spearmanr) of
cosine and label, and the mean squared error of the cosine against the label rank-normalised over this file. Repeated, reversed and
self pairs count like all others. The interval is of these pairs alone, of which those with a common video depend on each other;
another seed of training gives another model. A constant side, an id without an embedding and NaN are errors, never a number.

With --against the same pairs are also scored by other embeddings, and the difference has an interval and a two-sided p-value. They
are of the same pairs, which is closer than two intervals of their own. Embeddings that another program made are a safetensors file
of its ids, int64 [N], and embeddings, float32 [N,D].`

// evaluated is what the command prints.
type evaluated struct {
	evaluate.Result
	Against *against `json:"against,omitempty"`
}

// against is what the other embeddings score, and the difference to them.
type against struct {
	Spearman float64 `json:"spearman"`
	MSE      float64 `json:"mse"`
	evaluate.Comparison
}

func newEval(a *cli.App) *cobra.Command {
	var from, other, labels string
	cmd := &cobra.Command{
		Use: "eval --embeddings E --labels label.tsv", Short: "Spearman and MSE of embeddings on labelled pairs", Long: evalLong,
		Example: `  vsim eval --embeddings test_a.safetensors --labels data/emoji/test_a/label.tsv
  vsim eval --embeddings own.safetensors --against test_a.safetensors --labels data/emoji/test_a/label.tsv`,
		Args: cli.NoArgs,
	}
	cmd.Flags().StringVar(&from, "embeddings", "", "score the embeddings in `FILE`")
	cmd.Flags().StringVar(&other, "against", "", "compare with the embeddings in `FILE`")
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
		var r evaluated
		if r.Result, err = evaluate.Score(set, pairs); err != nil {
			return fmt.Errorf("%w (embeddings %s, labels %s)", err, from, labels)
		}
		if other != "" {
			second, err := readSet(a, other)
			if err != nil {
				return err
			}
			if r.Against, err = compare(set, second, pairs); err != nil {
				return fmt.Errorf("%w (embeddings %s, labels %s)", err, other, labels)
			}
		}
		return a.Result(r, func(w io.Writer) {
			low, high := r.Interval(.95)
			fmt.Fprintf(w, "Spearman %.4f, MSE %.4f on %s of %s\n", r.Spearman, r.MSE, text.Count(r.Pairs, "pair"), labels)
			fmt.Fprintf(w, "95%% interval of Spearman, by these pairs: %.4f to %.4f\n", low, high)
			if d := r.Against; d != nil {
				fmt.Fprintf(w, "%s: Spearman %.4f, MSE %.4f\n", other, d.Spearman, d.MSE)
				fmt.Fprintf(w, "difference in Spearman, on the same pairs: %+.4f, 95%% interval %+.4f to %+.4f, p = %.2g\n", d.Difference,
					d.Low, d.High, d.P)
			}
		})
	})
	return cmd
}

// compare scores other embeddings on the same pairs as set.
func compare(set, other *embeddings.Set, pairs []corpus.Pair) (*against, error) {
	r, err := evaluate.Score(other, pairs)
	if err != nil {
		return nil, err
	}
	c, err := evaluate.Compare(set, other, pairs)
	return &against{r.Spearman, r.MSE, c}, err
}
