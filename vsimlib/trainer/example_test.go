// SPDX-License-Identifier: Apache-2.0

package trainer_test

import (
	"context"
	"fmt"

	"github.com/janpfeifer/must"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/inference"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/trainer"
)

// The README shows these lines: pretrain, finetune, embed and score. It takes half a minute, so it has no checked output.
func Example() {
	ctx := context.Background()

	backend, _ := must.M2(backends.Open())
	r := must.M1(recipe.Load("demo"))
	must.M(r.Set("pretrain.epochs=3"))
	o := trainer.Options{Backend: backend, Corpus: "data/emoji", Recipe: r, Out: "data/runs/go-pretrain"}
	o.Init, o.Out = must.M1(trainer.Pretrain(ctx, o)).Model, "data/runs/go-finetune"
	finetuned := must.M1(trainer.Finetune(ctx, o))
	e := inference.Options{Backend: backend, Model: finetuned.Model, Out: "data/runs/go.safetensors"}
	e.Records = []string{"data/emoji/test_a/test_a.tfrecords"}
	must.M1(inference.Run(ctx, e))
	pairs := must.M1(corpus.ReadPairs("data/emoji/test_a/label.tsv"))
	score := must.M1(evaluate.Score(must.M1(embeddings.Read(e.Out)), pairs))
	fmt.Printf("Spearman %.3f\n", score.Spearman)
}
