// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/recipe"
)

// roundWeights rounds the weights in store that the products of an embedding read to bfloat16, where c computes in it. Otherwise
// the program of each batch would do it, in 4% of its time.
func roundWeights(store *model.Store, c recipe.Model) error {
	if c.ComputeDType != recipe.BFloat16 {
		return nil
	}
	shapes := Shapes(c)
	for _, name := range Names(c) {
		if len(shapes[name]) != 2 || strings.HasSuffix(name, "_embeddings.weight") || ofHead(name) {
			continue
		}
		if err := roundWeight(store.GetVariable(model.ScopeSeparator + name)); err != nil {
			return fmt.Errorf("multimodal: weight %s: %w", name, err)
		}
	}
	return nil
}

// ofHead reports whether a weight belongs to a head of pretraining, which an embedding does not read.
func ofHead(name string) bool { return hasPrefix(name, "cls.", "mfm.", "tag_fc.") }

// roundWeight rounds a float32 variable, to the nearest and to even as XLA does, and frees its old value.
func roundWeight(v *model.Variable) error {
	value, err := v.Value()
	if err != nil {
		return err
	}
	var narrow []bfloat16.BFloat16
	err = tensors.ConstFlatData(value, func(wide []float32) {
		narrow = make([]bfloat16.BFloat16, len(wide))
		for i, x := range wide {
			narrow[i] = bfloat16.FromFloat32(x)
		}
	})
	if err != nil {
		return err
	}
	return v.SetValue(tensors.FromFlatDataAndDimensions(narrow, value.Shape().Dimensions...))
}
