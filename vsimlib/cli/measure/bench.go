// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/bench"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/text"
)

const benchLong = `Time the pretraining step of a recipe on the current backend, on made-up videos: full-length rows, masks at the
recipe's probabilities, random tags. It is the very step of vsim pretrain, with the upload of each batch and AdamW. Sizes that a
corpus would decide (model.vocab_size, model.frame_dim, model.num_tags) are the competition's where the recipe leaves them 0.

step_s is the best of the timed steps, on one GPU the mean of the best five in a row, as the next step is sent while one runs;
compile_s is the first step less that. tflops counts the model's arithmetic alone: products of
matrices of the padded batch, 2·m·n·k each, backward twice the forward; tflops_real that of the real words and frames. mfu is the
share of the device's peak: on the CPU the best of several shapes of products in the recipe's compute type, timed on the same
backend, on known GPUs the data sheet's dense bfloat16. cpu_s is the processor seconds of a step on the host: on a machine that
others use it varies less than step_s.

--against runs another program, a peer, in alternation; while one of them runs, the other is idle. It is a shell command that
prints, as the last line of stdout, a JSON object with videos_per_s; ratio is ours to theirs, best to best.

--sweep makes a table of videos and FLOPs per second over the sizes that determine the cost of a step; growth is the power of the
FLOPs with which the seconds grow along each, 1 being linear.

--compile-only compiles the programs of the steps that would be timed, and runs none. A later bench under the same settings and
environment loads them from files (VSIM_COMPILE_CACHE). Weights and batches stay on the host; the device needs memory only for what
the compiler tries there.`

// benchCall is one call of the command.
type benchCall struct {
	bench.Options
	recipe      cli.RecipeFlags
	batch       int
	sweep       bool
	compileOnly bool
	out         string
	force       bool
}

func newBench(a *cli.App) *cobra.Command {
	var c benchCall
	cmd := &cobra.Command{
		Use: "bench", Short: "Time the pretraining step", Long: benchLong,
		Example: `  vsim bench --recipe demo
  vsim bench --recipe paper --set model.compute_dtype=bfloat16 --batch 16 --json
  vsim bench --recipe paper --batch 128 --compile-only --json
  vsim bench --recipe demo --sweep --out data/runs/sweep
  vsim bench --recipe demo --against 'python3 data/bench_reference.py bench --batch 32' --rounds 5`,
		Args: cli.NoArgs,
	}
	c.recipe.AddOptional(cmd, "demo")
	cmd.Flags().IntVar(&c.batch, "batch", 0, "`N` videos a step; 0: the recipe's")
	cmd.Flags().IntVar(&c.Steps, "steps", 10, "time `N` steps in each round")
	cmd.Flags().StringVar(&c.Lengths, "lengths", bench.Full,
		"length of rows: `full|competition`, the latter as in the competition's data")
	cmd.Flags().StringVar(&c.Against, "against", "", "compare with another program: a shell `COMMAND`")
	cmd.Flags().IntVar(&c.Rounds, "rounds", 3, "with --against: `N` alternating rounds")
	cmd.Flags().IntVar(&c.Devices, "devices", 1, "share each batch among `N` devices")
	cmd.Flags().BoolVar(&c.sweep, "sweep", false,
		"measure it also with layers, width, batch and sequence halved and doubled, one at a time")
	cmd.Flags().BoolVar(&c.compileOnly, "compile-only", false, "compile the programs of these steps, and run none")
	cmd.Flags().StringVar(&c.out, "out", "", "with --sweep: write sweep.json and sweep.md into `DIR`")
	cmd.Flags().BoolVar(&c.force, "force", false, "with --out: overwrite an earlier table")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		err := c.check(cmd)
		if err == nil {
			err = c.load(a, cmd)
		}
		if err != nil {
			return err
		}
		switch {
		case c.sweep:
			return runSweep(ctx, a, c.Options, c.out, c.force)
		case c.compileOnly:
			r, err := bench.Compile(ctx, c.Options)
			if err != nil {
				return err
			}
			return a.Result(r, func(w io.Writer) { printCompiled(w, r) })
		}
		r, err := bench.Run(ctx, c.Options)
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) { printBench(w, r) })
	})
	return cmd
}

// check checks the flags.
func (c *benchCall) check(cmd *cobra.Command) error {
	switch {
	case c.Steps < 1:
		return cli.Usagef(cmd, "--steps: %d is below 1", c.Steps)
	case c.Rounds < 1:
		return cli.Usagef(cmd, "--rounds: %d is below 1", c.Rounds)
	case c.Against == "" && cmd.Flags().Changed("rounds"):
		return cli.Usagef(cmd, "--rounds is for --against")
	case c.Devices < 1:
		return cli.Usagef(cmd, "--devices: %d is below 1", c.Devices)
	case c.sweep && c.Against != "":
		return cli.Usagef(cmd, "--sweep and --against exclude each other")
	case c.compileOnly && c.sweep:
		return cli.Usagef(cmd, "--compile-only and --sweep exclude each other")
	case c.compileOnly && c.Against != "":
		return cli.Usagef(cmd, "--compile-only and --against exclude each other")
	case c.out != "" && !c.sweep:
		return cli.Usagef(cmd, "--out is for --sweep")
	case c.batch < 0:
		return cli.Usagef(cmd, "--batch: %d is below 0", c.batch)
	case c.Lengths != bench.Full && c.Lengths != bench.Competition:
		return cli.Usagef(cmd, "--lengths: %q is neither %s nor %s", c.Lengths, bench.Full, bench.Competition)
	}
	return nil
}

// load loads the recipe and opens the backend.
func (c *benchCall) load(a *cli.App, cmd *cobra.Command) (err error) {
	if c.Recipe, err = c.recipe.Load(cmd); err != nil {
		return err
	}
	if c.batch > 0 {
		c.Recipe.Pretrain.Batch = c.batch
		if err := c.Recipe.Validate(); err != nil {
			return cli.Usagef(cmd, "--batch: %v", err)
		}
	}
	if c.Backend, c.Device, err = backends.Open(); err != nil {
		return err
	}
	a.WarnOfBackend(c.Device)
	c.Warn = a.Warn
	c.Report = func(line string) { a.Console.Progress("bench", cli.Note(line), true) }
	return nil
}

// runSweep measures the recipe at several sizes, and writes the table where out says so.
func runSweep(ctx context.Context, a *cli.App, o bench.Options, out string, force bool) error {
	if out != "" {
		for _, name := range slices.Sorted(maps.Keys(bench.SweepFiles)) {
			if err := a.PrepareOut(filepath.Join(out, name), bench.SweepFiles[name], force); err != nil {
				return err
			}
		}
	}
	s, err := bench.RunSweep(ctx, o)
	if err != nil {
		return err
	}
	if out != "" {
		if err := s.Write(out); err != nil {
			return err
		}
	}
	return a.Result(s, func(w io.Writer) { _ = s.Markdown(w) }) // into memory, which does not fail
}

func printCompiled(w io.Writer, r bench.Compiled) {
	fmt.Fprintf(w, "%s on %s\n", r.Backend, r.Device)
	fmt.Fprintf(w, "batch %d of %d positions: %s compiled in %.3g s\n", r.Batch, r.Shape.Sequence,
		text.Count(r.Programs, "program"), r.CompileS)
	fmt.Fprintf(w, "memory: for the step alone planned %.2f GiB%s\n", float64(r.MemoryEstimate)/gib, compilersPlan(r.MemoryCompiler))
}

const gib = 1 << 30

// compilersPlan continues a line about memory; "" where the compiler makes no plan.
func compilersPlan(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf(", the compiler's own plan is %.2f", float64(bytes)/gib)
}

func printBench(w io.Writer, r bench.Result) {
	fmt.Fprintf(w, "%s on %s\n", r.Backend, r.Device)
	fmt.Fprintf(w, "batch %d of %d positions: %.4g s a step (median %.4g, %.4g of processors), %.4g videos/s, compiled in %.3g s\n",
		r.Batch, r.Shape.Sequence, r.StepS, r.StepMedianS, r.CPUS, r.VideosPerS, r.CompileS)
	fmt.Fprintf(w, "%.3g TFLOP/s (%.3g of real tokens)", r.TFLOPS, r.TFLOPSReal)
	if r.MFU > 0 {
		fmt.Fprintf(w, ", %.1f%% of %.3g (%s)", 100*r.MFU, r.PeakTFLOPS, r.PeakSource)
	}
	fmt.Fprintln(w)
	if r.MemoryPeak > 0 {
		fmt.Fprintf(w, "memory: %.2f GiB (%s); for the step alone planned %.2f%s\n", float64(r.MemoryPeak)/gib, r.MemorySource,
			float64(r.MemoryEstimate)/gib, compilersPlan(r.MemoryCompiler))
	}
	if r.Comparison != nil {
		fmt.Fprintf(w, "the peer: %.4g videos/s; ratio %.3g (medians %.3g) over %s\n",
			r.PeerVideosPerS, r.Ratio, r.RatioMedian, text.Count(r.Rounds, "round"))
	}
}
