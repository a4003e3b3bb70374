// SPDX-License-Identifier: Apache-2.0

package step

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/safetensors"
)

type goldenCase struct {
	Config    json.RawMessage      `json:"config"`
	Batch     int                  `json:"batch"`
	Losses    map[string]float64   `json:"losses"`
	PairMSE   float64              `json:"pair_mse"`
	FiveSteps []map[string]float64 `json:"five_steps"`
}

type golden struct {
	*testing.T
	tol             tolerance
	dir             string
	info            goldenCase
	config          recipe.Model
	optim           optim.Config
	tasks           losses.Tasks
	weights, inputs map[string]safetensors.Tensor
}

func openGolden(t *testing.T, dir string) *golden {
	t.Helper()
	k := &golden{T: t, dir: dir, tol: toleranceOf(t)}
	raw, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &k.info); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(config, k.info.Config, 0o644); err != nil {
		t.Fatal(err)
	}
	if k.config, err = recipe.ReadModelConfig(config); err != nil {
		t.Fatal(err)
	}
	k.config.HiddenDropoutProb, k.config.AttentionProbsDropoutProb = 0, 0 // golden cases have no dropout
	k.config.ComputeDType = goldenType()
	var s struct {
		WeightTag   float64 `json:"weight_tag"`
		WeightMLM   float64 `json:"weight_mlm"`
		WeightMFM   float64 `json:"weight_mfm"`
		LREncoder   float64 `json:"lr_encoder"`
		LRHeads     float64 `json:"lr_heads"`
		WeightDecay float64 `json:"weight_decay"`
		AdamEps     float64 `json:"adam_eps"`
		Warmup      float64 `json:"warmup_ratio"`
		TotalSteps  int     `json:"total_steps"`
	}
	if err := json.Unmarshal(k.info.Config, &s); err != nil {
		t.Fatal(err)
	}
	k.optim = optim.Config{LREncoder: s.LREncoder, LRHeads: s.LRHeads, WeightDecay: s.WeightDecay, Eps: s.AdamEps,
		TotalSteps: s.TotalSteps, Warmup: max(1, int(float64(s.TotalSteps)*s.Warmup))}
	// The reference has every task on, whatever its weight.
	on := func(weight float64) losses.Task { return losses.Task{On: true, Weight: weight} }
	k.tasks = losses.Tasks{Tag: on(s.WeightTag), MLM: on(s.WeightMLM), MFM: on(s.WeightMFM)}
	k.weights, k.inputs = k.load("weights"), k.load("inputs")
	return k
}

func (k *golden) load(name string) map[string]safetensors.Tensor {
	k.Helper()
	f, err := safetensors.Open(filepath.Join(k.dir, name+".safetensors"))
	if err != nil {
		k.Fatal(err)
	}
	defer f.Close()
	all := map[string]safetensors.Tensor{}
	for _, n := range f.Names() {
		if all[n], err = f.Read(n); err != nil {
			k.Fatal(err)
		}
	}
	return all
}

func (k *golden) floats(t safetensors.Tensor) []float32 {
	k.Helper()
	v, err := safetensors.Float32s(t)
	if err != nil {
		k.Fatal(err)
	}
	return v
}

// store returns the case's weights as variables.
func (k *golden) store() *model.Store {
	k.Helper()
	store, err := storeFrom(k.config, k.weights)
	if err != nil {
		k.Fatal(err)
	}
	return store
}

func storeFrom(c recipe.Model, weights map[string]safetensors.Tensor) (*model.Store, error) {
	store := model.NewStore()
	shapes := multimodal.Shapes(c)
	if len(shapes) != len(weights) {
		return nil, fmt.Errorf("%d weights, want %d", len(weights), len(shapes))
	}
	for _, name := range multimodal.Names(c) {
		v, err := safetensors.Float32s(weights[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, err := store.CreateVariable(model.ScopeSeparator+name, tensors.FromFlatDataAndDimensions(v, shapes[name]...)); err != nil {
			return nil, err
		}
	}
	return store, nil
}

// input returns one input of a side, integers as int32.
func (k *golden) input(name string) *tensors.Tensor {
	k.Helper()
	in, ok := k.inputs[name]
	if !ok {
		k.Fatalf("no input %s", name)
	}
	if in.DType == "F32" {
		return tensors.FromFlatDataAndDimensions(k.floats(in), in.Shape...)
	}
	return tensors.FromFlatDataAndDimensions(k.ints(name), in.Shape...)
}

func (k *golden) ints(name string) []int32 {
	k.Helper()
	wide, err := safetensors.Int64s(k.inputs[name])
	if err != nil {
		k.Fatal(err)
	}
	out := make([]int32, len(wide))
	for i, v := range wide {
		out[i] = int32(v)
	}
	return out
}
