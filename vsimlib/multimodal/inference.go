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

// forInference returns the weights of store as the embedding of c reads them. Under bfloat16 the weights of linear layers are
// rounded here, once. The program of each batch would take 4% of its time for it.
func forInference(store *model.Store, c recipe.Model) (*model.Store, error) {
	if c.ComputeDType != recipe.BFloat16 {
		return store, nil
	}
	out := model.NewStore()
	for name, shape := range Shapes(c) {
		v := store.GetVariable(model.ScopeSeparator + name)
		if v == nil {
			return nil, fmt.Errorf("multimodal: the store has no weight %s", name)
		}
		value, err := v.Value()
		if err == nil && len(shape) == 2 && !strings.HasSuffix(name, "_embeddings.weight") {
			value, err = rounded(value)
		}
		if err == nil {
			_, err = out.CreateVariable(model.ScopeSeparator+name, value)
		}
		if err != nil {
			return nil, fmt.Errorf("multimodal: weight %s: %w", name, err)
		}
	}
	return out, nil
}

// rounded is a float32 tensor in bfloat16, to the nearest and to even: a copy.
func rounded(t *tensors.Tensor) (*tensors.Tensor, error) {
	values, err := tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, err
	}
	narrow := make([]bfloat16.BFloat16, len(values))
	for i, x := range values {
		narrow[i] = bfloat16.FromFloat32(x)
	}
	return tensors.FromFlatDataAndDimensions(narrow, t.Shape().Dimensions...), nil
}
