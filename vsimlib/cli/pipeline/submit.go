// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/submit"
	"vsim/vsimlib/text"
)

const submitLong = `Write the competition's submission: result.zip with one file, result.json, that gives each video of the records
a list of at most 256 floats of float16 precision. Every id of the records must have an embedding; embeddings of other ids are left
out. A submission that exists is kept unless --force is given: where it is the same, the command is done, else it is refused. Any
other file is refused, also with --force.`

func newSubmit(a *cli.App) *cobra.Command {
	var from, out string
	var records []string
	var force bool
	cmd := &cobra.Command{
		Use: "submit --embeddings E --records FILE --out result.zip", Short: "Write a competition submission", Long: submitLong,
		Example: `  vsim submit --embeddings joined.safetensors --records data/emoji/test_b/test_b.tfrecords --out result.zip`,
		Args:    cobra.ArbitraryArgs,
	}
	cmd.Flags().StringVar(&from, "embeddings", "", "submit the embeddings in `FILE`")
	cmd.Flags().StringArrayVar(&records, "records", nil,
		"submit the ids of the record `FILE`; may be repeated, or followed by more files")
	cmd.Flags().StringVar(&out, "out", "", "write the submission to `FILE`")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite a submission, but no other file")
	cli.Require(cmd, "embeddings", "records", "out")
	cmd.RunE = a.Work(func(_ context.Context, _ *cobra.Command, args []string) error {
		if err := a.PrepareFile(out, submit.Kind); err != nil {
			return err
		}
		set, err := readSet(a, from)
		if err != nil {
			return err
		}
		records = append(records, args...)
		a.WarnOfShards(records)
		videos, err := corpus.OpenRecords(records...)
		if err != nil {
			return err
		}
		var info submit.Info
		before, err := a.DoneBefore(out, force, func() (err error) {
			info, err = submit.DoneBefore(out, set, videos)
			return err
		})
		if err == nil && !before {
			if info, err = submit.Write(out, set, videos); err != nil {
				err = fmt.Errorf("%w (embeddings %s)", err, from)
			}
		}
		if err != nil {
			return err
		}
		return a.Result(info, func(w io.Writer) {
			fmt.Fprintf(w, doneBefore(before)+"submission of %s with %d floats each: %s\n", text.Count(info.Videos, "video"), info.Dim, out)
		})
	})
	return cmd
}
