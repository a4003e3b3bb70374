// SPDX-License-Identifier: Apache-2.0

package recipe_test

import (
	"fmt"

	"vsim/vsimlib/recipe"
)

// A recipe is a preset, made into a member, with settings changed by name.
func Example() {
	r, err := recipe.Load("demo")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := r.Member(4); err != nil {
		fmt.Println(err)
		return
	}
	if err := r.Set("pretrain.epochs=3"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Pretrain.Epochs, r.Model.Pooling, r.Validate())
	// Output: 3 masked_attention <nil>
}

// A misspelled setting is refused with the nearest name and the others of its section.
func ExampleRecipe_Set() {
	r, _ := recipe.Preset("demo")
	fmt.Println(r.Set("ensemble.dims=3"))
	// Output:
	// setting "ensemble.dims=3": unknown name "ensemble.dims"; the nearest is "ensemble.dim", and there are members, dim, weights
}

func ExampleRecipe_Diff() {
	demo, _ := recipe.Preset("demo")
	third := demo.Clone()
	if err := third.Member(3); err != nil {
		fmt.Println(err)
		return
	}
	for _, difference := range demo.Diff(third) {
		fmt.Println(difference)
	}
	// Output:
	// model.layout was "cls_first", is "frames_first"
	// model.tag_input was "cls", is "embedding"
	// pretrain.seed was 1, is 201
	// pretrain.weight_mfm was 0.1111111111111111, is 0
	// finetune.seed was 1, is 201
}

// An epoch has floor(n/batch) steps; the rate rises over the first tenth of all steps.
func ExampleNewSchedule() {
	fmt.Printf("%+v\n", recipe.NewSchedule(1147, 32, 10, 0.1))
	// Output: {StepsPerEpoch:35 Steps:350 Warmup:35}
}
