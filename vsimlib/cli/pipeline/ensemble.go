// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/text"
)

const ensembleLong = `Join the embeddings that several models give the same videos: rows of length one, each model's scaled by the
square root of its weight, side by side, then an uncentred truncated SVD to --dim. Rows out are U·S, in the order of the first file,
not normalised again. Videos are matched by id, whatever their order; sets of different ids are refused. Weights are divided by
their sum. A dim above the summed width keeps that width. An embeddings file that exists is kept unless --force is given; if made
from the same embeddings, weights and --dim, the command is done, else it is refused. Any other file is refused, also with --force.`

func newEnsemble(a *cli.App) *cobra.Command {
	var out string
	var dim int
	var weights []float64
	var force bool
	cmd := &cobra.Command{
		Use: "ensemble --out E [--dim 256] [--weights w1,w2,...] E1 E2 ...", Short: "Join several models' embeddings into one",
		Long: ensembleLong,
		Example: `  vsim ensemble --out joined.safetensors member1.safetensors member2.safetensors
  vsim ensemble --out joined.safetensors --dim 128 --weights 2,1 member1.safetensors member2.safetensors`,
		Args: cli.Operands("E1"),
	}
	cmd.Flags().StringVar(&out, "out", "", "write the embeddings to `FILE`")
	cmd.Flags().IntVar(&dim, "dim", 256, "reduce to `N` floats a video")
	cmd.Flags().Float64SliceVar(&weights, "weights", nil, "positive weights of the files: `W1,W2,...` (default equal)")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite an embeddings file, but no other")
	cli.Require(cmd, "out")
	cmd.RunE = a.Work(func(_ context.Context, cmd *cobra.Command, files []string) error {
		switch {
		case dim < 1:
			return cli.Usagef(cmd, "--dim: %d is below 1", dim)
		case len(weights) > 0 && len(weights) != len(files):
			return cli.Usagef(cmd, "--weights: %s for %s", text.Count(len(weights), "weight"), text.Count(len(files), "file"))
		}
		for _, w := range weights {
			if !(w > 0) {
				return cli.Usagef(cmd, "--weights: %g is not positive", w)
			}
		}
		if err := a.PrepareFile(out, embeddings.Kind); err != nil {
			return err
		}
		if err := keepInputs(a, out, files); err != nil {
			return err
		}
		info, before, err := combine(a, files, weights, dim, out, force)
		if err != nil {
			return err
		}
		return a.Result(info, func(w io.Writer) {
			fmt.Fprintf(w, "%sjoined %s into %d dimensions, which explain %.4f of the squares: %s\n", doneBefore(before),
				text.Count(info.Models, "model"), info.Dim, info.Explained, out)
		})
	})
	return cmd
}

// explained is the name of the explained share among the notes of an ensemble's file.
const explained = "explained"

// combine reads and joins embeddings files and writes the result, unless it was done before.
func combine(a *cli.App, files []string, weights []float64, dim int, out string, force bool) (info ensemble.Info, before bool,
	err error) {
	sets, err := readSets(a, files)
	if err != nil {
		return info, false, err
	}
	origin := embeddings.EnsembleOrigin(sets, weights, dim)
	before, err = a.DoneBefore(out, force, func() error {
		earlier, err := embeddings.DoneBefore(out, origin)
		if err != nil {
			return err
		}
		info = ensemble.Info{Models: len(files), Dim: earlier.Dim}
		info.Explained, err = strconv.ParseFloat(earlier.Notes[explained], 64)
		return err
	})
	if err != nil || before {
		return info, before, err
	}
	joined, info, err := ensemble.Combine(sets, weights, dim)
	if e, ok := errors.AsType[*ensemble.MemberError](err); ok {
		err = fmt.Errorf("%w (embeddings %s)", err, files[e.Member])
	}
	if err != nil {
		return info, false, err
	}
	return info, false, joined.WriteFrom(out, origin, map[string]string{explained: strconv.FormatFloat(info.Explained, 'g', -1, 64)})
}

// readSets reads embeddings files.
func readSets(a *cli.App, files []string) (sets []*embeddings.Set, err error) {
	for _, file := range files {
		set, err := readSet(a, file)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}
