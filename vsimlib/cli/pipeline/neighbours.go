// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/neighbours"
)

const neighboursLong = `Find, in an embeddings file, the videos nearest to some (--id) or to each (--all), or all pairs of
near-duplicates (--duplicates), by the exact cosines of all pairs. They are computed in float64, block by block on all cores, and
rounded to twelve decimals. A video is not its own neighbour.

The lines printed have columns separated by tabs, or by commas with --csv; the first has their names: id, rank, neighbour and
cosine, by descending cosine, equal ones by ascending id; or id1, id2 and cosine of each pair at or above the threshold, by
ascending ids. Lines are printed as they are found, so the result may be larger than the memory; --json collects it.`

// neighboursCall is one call of the command.
type neighboursCall struct {
	from       string
	k          int
	ids        []int64
	all        bool
	duplicates float64
	csv        bool
}

func newNeighbours(a *cli.App) *cobra.Command {
	var o neighboursCall
	cmd := &cobra.Command{
		Use: "neighbours --embeddings E {--id ID|--all|--duplicates COSINE}", Short: "Nearest neighbours of videos, and near-duplicates",
		Long: neighboursLong,
		Example: `  vsim neighbours --embeddings test_a.safetensors --id 1001024 --k 5
  vsim neighbours --embeddings test_a.safetensors --all --csv > neighbours.csv
  vsim neighbours --embeddings test_a.safetensors --duplicates 0.95`,
		Args: cli.NoArgs,
	}
	cmd.Flags().StringVar(&o.from, "embeddings", "", "search the embeddings in `FILE`")
	cmd.Flags().IntVar(&o.k, "k", 10, "find the `N` nearest videos")
	cmd.Flags().Int64SliceVar(&o.ids, "id", nil, "find those of the video with this `ID`; may be repeated")
	cmd.Flags().BoolVar(&o.all, "all", false, "find those of every video, in the order of the file")
	cmd.Flags().Float64Var(&o.duplicates, "duplicates", 0, "list the pairs with a cosine of at least `COSINE`")
	cmd.Flags().BoolVar(&o.csv, "csv", false, "separate columns by commas instead of tabs")
	cli.Require(cmd, "embeddings")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		if err := o.check(cmd); err != nil {
			return err
		}
		set, err := readSet(a, o.from)
		if err != nil {
			return err
		}
		index, err := neighbours.New(set)
		if err != nil {
			return fmt.Errorf("%w (embeddings %s)", err, o.from)
		}
		if cmd.Flags().Changed("duplicates") {
			return list(a, o, "pairs", "id1 id2 cosine", index.Duplicates(ctx, o.duplicates), pairLines)
		}
		return list(a, o, "neighbours", "id rank neighbour cosine", index.Nearest(ctx, o.k, o.ids...), queryLines)
	})
	return cmd
}

// check holds the flags against each other.
func (o neighboursCall) check(cmd *cobra.Command) error {
	given := 0
	for _, name := range []string{"id", "all", "duplicates"} {
		if cmd.Flags().Changed(name) {
			given++
		}
	}
	switch {
	case given != 1 || cmd.Flags().Changed("all") && !o.all:
		return cli.Usagef(cmd, "give one of --id, --all and --duplicates")
	case cmd.Flags().Changed("duplicates") && cmd.Flags().Changed("k"):
		return cli.Usagef(cmd, "--k: goes with --id and --all; --duplicates lists all pairs")
	case o.k < 1:
		return cli.Usagef(cmd, "--k: %d is below 1", o.k)
	case math.IsNaN(o.duplicates) || math.Abs(o.duplicates) > 1:
		return cli.Usagef(cmd, "--duplicates: a cosine is in [-1,1], got %g", o.duplicates)
	}
	return nil
}

// list prints what is found: lines of columns, or JSON with all of it under a key.
func list[T any](a *cli.App, o neighboursCall, key, columns string, found iter.Seq2[T, error], lines func(T) [][]string) error {
	if a.JSON {
		all := []T{}
		for v, err := range found {
			if err != nil {
				return fmt.Errorf("%w (embeddings %s)", err, o.from)
			}
			all = append(all, v)
		}
		return a.Result(map[string]any{key: all}, nil)
	}
	separator := "\t"
	if o.csv {
		separator = ","
	}
	head := strings.ReplaceAll(columns, " ", separator) + "\n"
	next, stop := iter.Pull2(found)
	defer stop()
	v, err, more := next() // an error before the first line leaves stdout empty
	if err != nil {
		return fmt.Errorf("%w (embeddings %s)", err, o.from)
	}
	return a.Stream(func(w io.Writer) error {
		_, failed := io.WriteString(w, head)
		for ; more && err == nil && failed == nil; v, err, more = next() {
			for _, line := range lines(v) {
				_, failed = io.WriteString(w, strings.Join(line, separator)+"\n")
			}
		}
		return err
	})
}

// pairLines is the line of a pair.
func pairLines(p neighbours.Pair) [][]string {
	return [][]string{{number(p.A), number(p.B), cosine(p.Cosine)}}
}

// queryLines has a line for each neighbour of a query.
func queryLines(q neighbours.Query) (lines [][]string) {
	for i, near := range q.Nearest {
		lines = append(lines, []string{number(q.ID), strconv.Itoa(i + 1), number(near.ID), cosine(near.Cosine)})
	}
	return lines
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

func cosine(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
