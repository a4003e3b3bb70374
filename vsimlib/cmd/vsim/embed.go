// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/device"
	"vsim/vsimlib/embed"
)

const embedLong = `Embed every record of TFRecord files with a model: a safetensors file with ids int64 [N] and embeddings float32 [N,D],
in the order of the records, rows of length one. The file appears whole or not at all; one that exists is kept unless
--force is given. More record files may follow the first.`

func newEmbed(a *app) *cobra.Command {
	var o embed.Options
	var force bool
	cmd := &cobra.Command{
		Use: "embed --model DIR --records FILE... --out E.safetensors", Short: "Embed the videos of record files", Long: embedLong,
		Example: `  vsim embed --model data/runs/finetune/model --records data/emoji/test_a/test_a.tfrecords --out test_a.safetensors
  vsim embed --model data/runs/finetune/model --out all.safetensors --records data/emoji/*/*.tfrecords`,
		Args: cobra.ArbitraryArgs,
	}
	cmd.Flags().StringVar(&o.Model, "model", "", "model `directory`")
	cmd.Flags().StringArrayVar(&o.Records, "records", nil, "TFRecord `file`; may be repeated, or followed by more files")
	cmd.Flags().StringVar(&o.Out, "out", "", "embeddings `file` to write")
	cmd.Flags().IntVar(&o.Batch, "batch", 64, "videos at a time")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the embeddings file")
	require(cmd, "model", "records", "out")
	cmd.RunE = a.work(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		if o.Batch < 1 {
			return usagef(cmd, "--batch: %d is below 1", o.Batch)
		}
		if err := prepareOut(a.verb, o.Out, force); err != nil {
			return err
		}
		o.Records = append(o.Records, args...)
		backend, info, err := device.Open()
		if err != nil {
			return err
		}
		a.tell(info)
		o.Backend = backend
		o.Report = a.err.videos("embed")
		r, err := embed.Run(ctx, o)
		if err != nil {
			return err
		}
		return a.result(r, func(w io.Writer) {
			fmt.Fprintf(w, "embedded %s in %d dimensions (%.3g videos/s): %s\n", counts(r.Videos, "video"), r.Dim, r.VideosPerS, o.Out)
		})
	})
	return cmd
}
