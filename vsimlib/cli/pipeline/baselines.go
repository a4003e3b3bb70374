// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/baseline"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

const baselinesLong = `Score labelled pairs without any model, by what the records hold: the cosine of the videos' mean frames, the
Jaccard index of their titles' characters, the sum of the ranks by both, and the Jaccard index of the tags where there are some.
Spearman's correlation with the label, as eval gives it for embeddings: compare a model with these to see what it adds. The errors
are standard errors by the pairs, of which those with a common video depend on each other.`

func newBaselines(a *cli.App) *cobra.Command {
	var records []string
	var labels string
	cmd := &cobra.Command{
		Use: "baselines --records FILE... --labels label.tsv", Short: "Spearman of labelled pairs without any model", Long: baselinesLong,
		Example: `  vsim baselines --records data/emoji/test_a/test_a.tfrecords --labels data/emoji/test_a/label.tsv`,
		Args:    cobra.ArbitraryArgs,
	}
	cmd.Flags().StringArrayVar(&records, "records", nil,
		"read the videos from the record `FILE`; may be repeated, or followed by more files")
	cmd.Flags().StringVar(&labels, "labels", "", "score the pairs in `FILE`, whose lines are id1 TAB id2 TAB score")
	cli.Require(cmd, "records", "labels")
	cmd.RunE = a.Work(func(_ context.Context, _ *cobra.Command, args []string) error {
		records = append(records, args...)
		a.WarnOfShards(records)
		videos, err := corpus.OpenRecords(records...)
		if err != nil {
			return err
		}
		pairs, err := corpus.ReadPairs(labels)
		if err != nil {
			return err
		}
		list, err := baseline.Scores(videos, pairs)
		if err != nil {
			return fmt.Errorf("%w (labels %s)", err, labels)
		}
		return a.Result(struct {
			Pairs     int                `json:"pairs"`
			Baselines []results.Baseline `json:"baselines"`
		}{len(pairs), cli.NonNil(list)}, func(w io.Writer) {
			fmt.Fprintf(w, "Spearman on %s of %s, without a model:\n", text.Count(len(pairs), "pair"), labels)
			for _, b := range list {
				fmt.Fprintf(w, "  %-34s %.4f ± %.4f\n", b.Name, b.Spearman, b.Error)
			}
			if len(list) == 0 {
				fmt.Fprintln(w, "  none has a score: each gives all pairs the same value")
			}
		})
	})
	return cmd
}
