// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/huggingface"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

const importLong = `Make a model directory, from Hugging Face BERT weights or as a copy of a model of vsim.

--hf takes a directory as transformers 2 to 5 save it, with
config.json, model.safetensors or its shards and their index (names with or without "bert.", old files with gamma and beta too), and
vocab.txt or tokenizer.json. It says which tensors it took, which parts of the model are new and freshly drawn, which tensors the
model does not have, which keys of config.json it passed over, and where the model's tokenizer differs from vsim's. Pickled weights
(.bin) can run code when they are read and are refused, with the one line that converts them. With --corpus the model has that
corpus's width of frames and number of tags, model.frame_dim and model.num_tags, which --set changes; without it those of the paper,
1,536 and 10,000.

--model takes a model directory of vsim, or the run that it is in. Its weights, vocabulary and checksums are checked, each file is
copied and read again, and the copy has a manifest, so that it is checked wherever it is used.

A model that was made before from the same files and settings is kept: the command is done. Another one is refused, unless --force
is given.

A model of the Hugging Face hub is fetched with hf download OWNER/NAME --local-dir DIR (pip install huggingface_hub).`

func newImport(a *cli.App) *cobra.Command {
	var hf, own, corpusDir, out string
	var set []string
	var seed int64
	var force bool
	cmd := &cobra.Command{
		Use: "import {--hf DIR|--model DIR} --out MODEL", Short: "Make a model from Hugging Face BERT weights, or a copy of one",
		Long: importLong,
		Example: `  vsim import --hf bge-small-zh --corpus data/emoji --out data/runs/bge --set model.max_text=20
  vsim finetune --corpus data/emoji --recipe demo --init data/runs/bge --out data/runs/finetune-bge

  vsim import --model data/runs/finetune --out /mnt/models/finetune`,
		Args: cli.NoArgs,
	}
	cmd.Flags().StringVar(&hf, "hf", "", "read the Hugging Face files in `DIR`")
	cmd.Flags().StringVar(&own, "model", "", "copy the model of vsim in `DIR`, or of the run in it")
	cmd.Flags().StringVar(&corpusDir, "corpus", "", "with --hf: a model for the corpus in `DIR`")
	cmd.Flags().StringVar(&out, "out", "", "write the model to `DIR`, which is absent or empty")
	cmd.Flags().StringArrayVar(&set, "set", nil, "give the model a setting: `model.NAME=VALUE`; may be repeated")
	cmd.Flags().Int64Var(&seed, "seed", 2021, "draw the weights of new parts from seed `N`")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the model that this command wrote into the directory")
	cli.Require(cmd, "out")
	cmd.RunE = a.Work(func(_ context.Context, cmd *cobra.Command, _ []string) error {
		if (hf == "") == (own == "") {
			return cli.Usagef(cmd, "give one of --hf and --model")
		}
		if own != "" {
			return importOwn(a, cmd, own, out, force)
		}
		for _, s := range set {
			if err := new(recipe.Recipe).Set(s); err != nil {
				return cli.Usagef(cmd, "--set: %v", err)
			}
		}
		if err := a.PrepareDir(out); err != nil {
			return err
		}
		if corpusDir != "" {
			sizes, err := sizesOf(corpusDir, set)
			if err != nil {
				return fmt.Errorf("%s: --corpus: %w", a.Verb(), err)
			}
			set = append(sizes, set...)
		}
		r, err := huggingface.Import(hf, out, set, seed, force)
		if err != nil {
			return err
		}
		r.Taken, r.Created, r.Skipped, r.Notes = cli.NonNil(r.Taken), cli.NonNil(r.Created), cli.NonNil(r.Skipped), cli.NonNil(r.Notes)
		return a.Result(r, func(w io.Writer) { importSummary(w, r, out) })
	})
	return cmd
}

// sizesOf are the settings that a corpus decides, but for those that set has.
func sizesOf(dir string, set []string) (sizes []string, err error) {
	c, err := corpus.Open(dir)
	if err != nil {
		return nil, err
	}
	for _, size := range []struct {
		name string
		of   func() (int, error)
	}{{"model.frame_dim", c.FrameDim}, {"model.num_tags", func() (int, error) {
		tags, err := c.Tags()
		if errors.Is(err, fs.ErrNotExist) { // the tag task is off
			err = nil
		}
		return len(tags), err
	}}} {
		if slices.ContainsFunc(set, func(s string) bool { return strings.HasPrefix(s, size.name+"=") }) {
			continue
		}
		n, err := size.of()
		if err != nil {
			return nil, fmt.Errorf("%w; --set %s=N says it", err, size.name)
		}
		sizes = append(sizes, fmt.Sprintf("%s=%d", size.name, n))
	}
	return sizes, nil
}

// importSummary lists what should be known of the model, and every tensor but the taken ones, which are many and as expected.
func importSummary(w io.Writer, r huggingface.Report, out string) {
	fmt.Fprintf(w, "took %s (--json lists them)\n", text.Count(len(r.Taken), "tensor"))
	for _, list := range []struct {
		what  string
		names []string
	}{{"note", r.Notes}, {"skipped", r.Skipped}, {"new", r.Created}} {
		for _, name := range list.names {
			fmt.Fprintf(w, "%-8s %s\n", list.what, text.OneLine(name))
		}
	}
	fmt.Fprintf(w, "%smodel: %s\n", doneBefore(r.Before), out)
}
