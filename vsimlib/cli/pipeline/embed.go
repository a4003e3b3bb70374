// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/inference"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

const embedLong = `Embed every record of TFRecord files with a model: a safetensors file with ids int64 [N] and embeddings float32
[N,D], in the order of the records, rows of length one. The file appears whole or not at all. One that exists is kept unless
--force is given: where it was made from the same model, records, --batch and --dtype, the command is done, else it is refused. Any
other file at --out is refused, also with --force. More record files may follow the first; files that share a video, as pointwise
and pairwise do, need a call each. A bad record is refused; with --skip-bad it has no row, and is named in the result.

Videos of about the same length are computed together, as many at a time as --batch says. The row of a video, to the last bit, is
the same whatever the order of the records and the other ones are. With --dtype bfloat16 products of matrices have operands in
bfloat16 and sums in float32; biases, LayerNorm, softmax, GELU and the written rows are float32.

Many machines share the work with --shard i/n, i from 1 to n: each embeds every n-th run of --batch records of the same model,
records, --batch and --dtype, and writes an embeddings file of its own rows. --merge puts the shards together, in any order, on a
machine that needs neither model nor records nor backend: the file has the bytes that one run without --shard writes, since every
batch is the same computation on machines that compute alike. A shard says by what it was computed; where backend, plugin,
arithmetic or processor (of a GPU its model) differ, the shards are refused unless --mix-backends asks for them, and the result
says so. Missing, repeated and foreign shards are refused by name.

--format npy also writes the embeddings for other tools, next to --out: E.npy, float32 [N,D], and E.ids.npy, int64 [N]; --format csv
writes E.csv, with a line of names (id,e0,e1,...) and a line a video. --out may name the file of the format instead: with --format
csv, --out E.csv is that table, and E.safetensors is next to it.`

// embedCall is one call of the command.
type embedCall struct {
	inference.Options
	shard  string
	shards []string // to merge
	format string   // of a copy for other tools
	force  bool
	mix    bool
	skip   cli.SkipFlags
}

func newEmbed(a *cli.App) *cobra.Command {
	var o embedCall
	cmd := &cobra.Command{
		Use: "embed --model DIR --records FILE... --out E.safetensors", Short: "Embed the videos of record files", Long: embedLong,
		Example: `  vsim embed --model data/runs/finetune/model --records data/emoji/test_a/test_a.tfrecords --out test_a.safetensors
  vsim embed --model data/runs/finetune/model --out tests.safetensors --records data/emoji/test_*/*.tfrecords

  vsim embed --shard 1/2 --model data/runs/finetune/model --records data/emoji/test_a/test_a.tfrecords --out 1.safetensors
  vsim embed --shard 2/2 --model data/runs/finetune/model --records data/emoji/test_a/test_a.tfrecords --out 2.safetensors
  vsim embed --out test_a.safetensors --merge 1.safetensors 2.safetensors`,
		Args: cobra.ArbitraryArgs,
	}
	cmd.Flags().StringVar(&o.Model, "model", "", "use the model in `DIR`, or of the run in it")
	cmd.Flags().StringArrayVar(&o.Records, "records", nil,
		"embed the videos of the record `FILE`; may be repeated, or followed by more files")
	cmd.Flags().StringVar(&o.Out, "out", "", "write the embeddings to `FILE`")
	cmd.Flags().IntVar(&o.Batch, "batch", 32, "compute `N` videos at a time")
	cmd.Flags().StringVar(&o.DType, "dtype", "",
		"multiply in `float32|bfloat16`; default: as the model's config.json says, float32 where it says nothing")
	cmd.Flags().StringVar(&o.shard, "shard", "", "embed one part of the records: `I/N`, the I-th of N")
	cmd.Flags().StringArrayVar(&o.shards, "merge", nil,
		"put shards together, each a `FILE`; may be repeated, or followed by more files")
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite an embeddings file, but no other")
	cmd.Flags().StringVar(&o.format, "format", "", "also write the embeddings for other tools: `npy|csv`")
	o.skip.Add(cmd)
	cli.MixFlag(cmd, &o.mix, "with --merge: put shards of machines that compute otherwise together; the result says so")
	cli.Require(cmd, "out")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		if err := o.check(cmd); err != nil {
			return err
		}
		o.warnOfName(a)
		if err := a.PrepareFile(o.Out, embeddings.Kind); err != nil {
			return err
		}
		if err := o.checkExport(a); err != nil {
			return err
		}
		if o.shards != nil {
			return merge(a, append(o.shards, args...), o)
		}
		var err error
		if o.Model, err = runid.Model(o.Model); err != nil {
			return fmt.Errorf("%s: --model %w", a.Verb(), err)
		}
		o.Records = append(o.Records, args...)
		a.WarnOfShards(o.Records)
		return o.skip.Hint(embed(ctx, a, o))
	})
	return cmd
}

// check holds the flags against each other, and reads --shard.
func (o *embedCall) check(cmd *cobra.Command) error {
	var missing []string
	if o.mix && o.shards == nil {
		return cli.Usagef(cmd, "--mix-backends: is for --merge")
	}
	for _, name := range []string{"model", "records", "shard", "batch", "dtype", "skip-bad"} {
		given, needed := cmd.Flags().Changed(name), name == "model" || name == "records"
		if o.shards != nil && given {
			return cli.Usagef(cmd, "--merge: goes without --%s, which the shards were made with", name)
		}
		if o.shards == nil && needed && !given {
			missing = append(missing, fmt.Sprintf("%q", name))
		}
	}
	if len(missing) > 0 {
		return cli.Usagef(cmd, "required flag(s) %s not set", strings.Join(missing, ", "))
	}
	if o.Batch < 1 {
		return cli.Usagef(cmd, "--batch: %d is below 1", o.Batch)
	}
	if err := o.checkFormat(cmd); err != nil {
		return err
	}
	if o.DType != "" && o.DType != recipe.Float32 && o.DType != recipe.BFloat16 {
		return cli.Usagef(cmd, "--dtype: %q is neither %s nor %s", o.DType, recipe.Float32, recipe.BFloat16)
	}
	var err error
	if o.SkipBad, err = o.skip.Share(cmd); err != nil || o.shard == "" {
		return err
	}
	if o.format != "" {
		return cli.Usagef(cmd, "--format: goes with --merge, not with --shard, whose file has a part of the rows")
	}
	if o.Shard, o.Shards, err = embeddings.ParseShard(o.shard); err != nil {
		return cli.Usagef(cmd, "--shard: %v", err)
	}
	return nil
}

// embed embeds records, or a shard of them.
func embed(ctx context.Context, a *cli.App, call embedCall) error {
	o := call.Options
	o.Reading = func(read, total int64) {
		p := trainer.Progress{Stage: trainer.Indexing, Done: int(read >> 20), Total: int(total >> 20), Unit: trainer.MiB}
		a.Console.Progress("embed", p.Line(), false)
	}
	var r inference.Result
	before, err := a.DoneBefore(o.Out, call.force, func() (err error) {
		r, err = inference.DoneBefore(ctx, o)
		return err
	})
	if err != nil {
		return err
	}
	speed := ""
	if !before {
		backend, info, err := backends.Open()
		if err != nil {
			return err
		}
		a.WarnOfBackend(info)
		o.Backend = backend
		o.Report, o.Warn = a.Console.Videos("embed"), a.Warn
		if r, err = inference.Run(ctx, o); err != nil {
			return err
		}
		speed = " (" + text.Number(r.VideosPerS) + " videos/s)"
	}
	if err := call.export(); err != nil {
		return err
	}
	return a.Result(r, func(w io.Writer) {
		what := "embedded"
		if r.Shard != "" {
			what = "shard " + r.Shard + ": embedded"
		}
		fmt.Fprintf(w, "%s%s %s in %d dimensions%s: %s\n", doneBefore(before), what, text.Count(r.Videos, "video"), r.Dim, speed,
			o.Out+call.also())
		skipped(w, r.Skipped)
	})
}

// merge puts shards together.
func merge(a *cli.App, shards []string, call embedCall) error {
	out, mix := call.Out, call.mix
	if err := keepInputs(a, out, shards); err != nil {
		return err
	}
	origin, err := embeddings.MergedOrigin(mix, shards...)
	if err != nil {
		return err
	}
	mixed, err := embeddings.Mixture(shards...)
	if err != nil {
		return err
	}
	var set *embeddings.Set
	before, err := a.DoneBefore(out, call.force, func() error {
		earlier, err := embeddings.DoneBefore(out, origin)
		if err == nil {
			set = earlier.Set
		}
		return err
	})
	if err == nil && !before {
		if set, err = embeddings.Merge(mix, shards...); err == nil {
			err = set.WriteFrom(out, origin, nil)
		}
	}
	if err == nil {
		err = call.export()
	}
	if err != nil {
		return err
	}
	merged := struct {
		Videos int    `json:"videos"`
		Dim    int    `json:"dim"`
		Shards int    `json:"shards"`
		Mixed  string `json:"mixed,omitempty"` // in what the machines of the shards differ
	}{set.Len(), set.Dim, len(shards), mixed}
	return a.Result(merged, func(w io.Writer) {
		fmt.Fprintf(w, "%smerged %s of %s in %d dimensions: %s\n", doneBefore(before), text.Count(merged.Shards, "shard"),
			text.Count(merged.Videos, "video"), merged.Dim, out+call.also())
		if mixed != "" {
			fmt.Fprintf(w, "the shards mix %s\n", mixed)
		}
	})
}
