// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/text"
)

func newData(a *cli.App) *cobra.Command {
	return cli.Group(&cobra.Command{
		Use: "data", Short: "Manage a corpus",
		Long: "Manage a corpus: a directory in the competition's layout (see data/README.md).",
		Example: `  vsim data check data/emoji
  vsim data synth --like controlled --out data/runs/controlled`,
	}, newDataCheck(a), newDataSynth(a))
}

const dataCheckLong = `Read all of a corpus: every record with both its checksums and every line, whatever part it is in. Counts and
statistics are given per part, and every bad record or line with its file, its offset and the reason. Exit code 1 if there is any.

Records are the files *.tfrecords, *.tfrecord and NAME.tfrecords-NNNNN-of-NNNNN of the folders pointwise, pairwise, test_a and
test_b, each also compressed with gzip (.gz). What else is in these folders is listed as not read; a missing or an empty shard is a
problem.

Frames whose values are all zero, or all the same, are legal and counted; the first of zeros is named.`

func newDataCheck(a *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "check DIR", Short: "Read everything and report what is wrong", Long: dataCheckLong,
		Example: "  vsim data check data/emoji",
		Args:    cli.Operand("DIR"),
	}
	cmd.RunE = a.Work(func(_ context.Context, _ *cobra.Command, args []string) error {
		r, err := corpus.Check(args[0])
		if err != nil {
			return err
		}
		if err := a.Result(r, func(w io.Writer) { checkSummary(w, r) }); err != nil {
			return err
		}
		if r.ErrorCount > 0 {
			return fmt.Errorf("%s: %s: %s; the first: %w", a.Verb(), r.Dir, text.Count(r.ErrorCount, "problem"), r.Errors[0])
		}
		return nil
	})
	return cmd
}

// first names the first frame of zeros of a part.
func first(p *corpus.PartReport) string {
	if p.FirstZero == nil {
		return ""
	}
	return "; the first of zeros: " + text.OneLine(strings.TrimPrefix(p.FirstZero.Error(), "corpus: "))
}

// checkSummary is a few lines a part, then the problems.
func checkSummary(w io.Writer, r *corpus.Report) {
	fmt.Fprintf(w, "%s: frames of %d values, %d tags in the list, %d words in the vocabulary\n", r.Dir, r.FrameDim, r.TagList, r.Vocab)
	for _, name := range competition.Parts() {
		p := r.Parts[name]
		if p == nil {
			continue
		}
		fmt.Fprintf(w, "%-10s %s in %s, %.1f MB; frames %d..%d, mean %.1f; title mean %.1f characters; %d uses of tags\n",
			name, text.Count(p.Records, "video"), text.Count(p.Files, "file"), float64(p.Bytes)/1e6, p.FramesMin, p.FramesMax, p.FramesMean,
			p.TitleCharsMean, p.Tags)
		if p.ZeroFrames+p.ConstantFrames > 0 {
			fmt.Fprintf(w, "%-10s %s of zeros, %d of one other value%s\n", "", text.Count(p.ZeroFrames, "frame"), p.ConstantFrames, first(p))
		}
		if q := p.Pairs; q != nil {
			fmt.Fprintf(w, "%-10s %s of %s; score mean %.3f, sd %.3f; %d repeated, %d reversed, %d self; largest component %s\n",
				"", text.Count(q.Pairs, "pair"), text.Count(q.Videos, "video"), q.ScoreMean, q.ScoreSD, q.Repeated, q.Reversed, q.Self,
				text.Count(q.LargestComponent, "pair"))
		}
	}
	for _, name := range r.NotRead {
		fmt.Fprintf(w, "%-10s %s\n", "not read", text.OneLine(name))
	}
	for _, problem := range r.Errors {
		fmt.Fprintln(w, text.OneLine(problem.Error()))
	}
	if more := r.ErrorCount - len(r.Errors); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
}
