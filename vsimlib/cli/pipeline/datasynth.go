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
	"vsim/vsimlib/synth"
	"vsim/vsimlib/text"
)

const dataSynthLong = `Write a generated corpus in the competition's layout and schema: pointwise, pairwise and test_a with their
labels, tag_list.txt and vocab.txt.

  controlled    small and fast to learn: latent topics make titles, tags, frames and labels, so that pretraining pays. 64 values a
                frame, 500 tags, 1300 words. The default is 24 MB, in a few seconds.
  competition   the published statistics of the competition's data: lengths, tags, categories, label levels, the graph of pairs,
                1536 values a frame; for load and scale. About 50 kB a video: the default is 1.3 GB, 200,000 videos are 10 GB.

--pointwise is the number of videos to pretrain on. --pairs is the number of labelled pairs; controlled has 5/8 as many videos
for them, competition 63,613/67,899 as many. 0 leaves the part out. test_a of controlled is always the same 4,000 pairs of 1,500
videos, so that scores can be compared; that of competition has half as many pairs as --pairs. No video is in two parts.

The same flags give the same bytes on any number of processors. The videos of a smaller part are the first ones of a larger.
Another seed is another world. Where a disk is full or a signal stops the work, nothing is left. The directory is absent or
empty, or has the corpus of the same flags: then the command is done. With --force it may have any corpus that this command wrote,
whose files are removed first, and no other file.`

func newDataSynth(a *cli.App) *cobra.Command {
	var o synth.Options
	cmd := &cobra.Command{
		Use: "synth --out DIR --like controlled|competition", Short: "Write a generated corpus", Long: dataSynthLong,
		Example: `  vsim data synth --like controlled --out data/runs/controlled
  vsim data synth --like competition --out big --pointwise 200000 --pairs 0
  vsim data synth --like controlled --out small --pointwise 2000 --pairs 1000 --seed 7`,
		Args: cli.NoArgs,
	}
	cmd.Flags().StringVar(&o.Out, "out", "", "write the corpus to `DIR`, which is absent or empty")
	cmd.Flags().StringVar(&o.Like, "like", "", "generate a corpus like `controlled|competition`")
	cmd.Flags().IntVar(&o.Pointwise, "pointwise", synth.DefaultPointwise, "`N` videos in the pointwise part")
	cmd.Flags().IntVar(&o.Pairs, "pairs", synth.DefaultPairs, "`N` pairs in the pairwise part")
	cmd.Flags().BoolVar(&o.ASR, "asr", false, "give the videos of controlled speech (asr_text) too; competition always has it")
	cmd.Flags().Int64Var(&o.Seed, "seed", 2021, "draw from seed `N`")
	cmd.Flags().BoolVar(&o.Force, "force", false, "replace the corpus that this command wrote into the directory")
	cli.Require(cmd, "out", "like")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		if err := o.Validate(); err != nil {
			return cli.Usagef(cmd, "--%v", err)
		}
		if err := a.PrepareDir(o.Out); err != nil {
			return err
		}
		o.Report = parts(a.Console)
		r, err := synth.Write(ctx, o)
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) { synthSummary(w, r, o.Out) })
	})
	return cmd
}

// parts returns a report function for work on one part of a corpus after the other.
func parts(c *cli.Console) func(part string, done, total int) {
	var current string
	var report func(done, total int)
	return func(part string, done, total int) {
		if part != current {
			current, report = part, c.Videos(part)
		}
		report(done, total)
	}
}

// synthSummary is a line a part.
func synthSummary(w io.Writer, r synth.Result, out string) {
	for _, name := range []string{competition.Pointwise, competition.Pairwise, competition.TestA} {
		p, ok := r.Parts[name]
		if !ok {
			continue
		}
		line := fmt.Sprintf("%-10s %s in %s, %.1f MB", name, text.Count(p.Videos, "video"), text.Count(p.Files, "file"),
			float64(p.Bytes)/1e6)
		if p.Pairs > 0 {
			line += ", " + text.Count(p.Pairs, "labelled pair")
		}
		fmt.Fprintln(w, strings.TrimSpace(line))
	}
	fmt.Fprintf(w, "%s%s corpus of %.1f MB, seed %d: %s\n", doneBefore(r.Before), r.Like, float64(r.Bytes)/1e6, r.Seed, out)
}
