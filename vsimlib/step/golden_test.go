// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
)

// TestGolden checks model, losses, gradients and optimiser against cases that the PyTorch reference made: those in
// testdata/golden and, where VSIM_GOLDEN names a folder, those in it.
func TestGolden(t *testing.T) {
	folders := []string{filepath.Join("testdata", "golden")}
	if extra := os.Getenv("VSIM_GOLDEN"); extra != "" {
		folders = append(folders, extra)
	}
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(folder, "*", "case.json"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no golden case below %s (%v)", folder, err)
		}
		for _, file := range found {
			dir := filepath.Dir(file)
			t.Run(filepath.Base(dir), func(t *testing.T) { checkGolden(t, dir) })
		}
	}
}

func checkGolden(t *testing.T, dir string) {
	k := openGolden(t, dir)
	for _, k.config.KeepPadding = range []bool{true, false} {
		if k.config.KeepPadding || k.config.Packs() {
			k.checkOutputs()
			k.checkRows()
			k.checkGradients()
			k.checkFiveSteps()
		}
	}
}

// run executes a graph over the case's weights.
func (k *golden) run(store *model.Store, in []any, build func(*model.Store, []*Node) []*Node) []*tensors.Tensor {
	k.Helper()
	exec, err := model.NewExec(backendstest.Backend(k.T), store,
		func(s *model.Scope, in []*Node) []*Node { return build(s.Store(), in) })
	if err != nil {
		k.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(in...)
	if err != nil {
		k.Fatal(err)
	}
	return out
}

// net is the model as it is trained, which on a GPU has gradients of its own; no golden case draws dropout.
func (k *golden) net(store *model.Store, g *Graph) multimodal.Model {
	return multimodal.Model{Net: bert.New(store, g, k.config, Const(g, []uint64{1, 2, 3}))}
}

func (k *golden) checkOutputs() {
	want := k.load("outputs")
	side, both := k.side("a"), k.pairs()
	in := append(arraysOf(side.Fields(side.Packed())), arraysOf(both.Fields(both.Packed()))...)
	out := k.run(k.store(), values(in), func(store *model.Store, in []*Node) []*Node {
		m := k.net(store, in[0].Graph())
		var a multimodal.Inputs
		var pair batch.PairArrays[*Node]
		batch.Fill(pair.Fields(k.config.Packs()), batch.Fill(a.Fields(k.config.Packs()), in))
		sequence := m.Encode(a)
		loss, cosine := Finetuning{}.compare(m, pair)
		return []*Node{sequence.Hidden, m.Embedding(sequence), cosine, loss}
	})
	for i, name := range []string{"sequence", "embedding", "cosine"} {
		if name == "sequence" && k.config.Packs() {
			continue // it has another order
		}
		k.near(name, flat(k.T, out[i]), k.floats(want[name]), k.tol.output, 0)
	}
	k.nearLoss("pair_mse", float64(flat(k.T, out[3])[0]), k.info.PairMSE)
}

// checkRows checks the embedding with each video in a row of its own, as vsim embed computes it, with room for three fillers.
func (k *golden) checkRows() {
	if !k.config.Packs() {
		return
	}
	f, frameMask := k.config.MaxFrames, k.ints("a.frame_mask")
	counts := make([]int, len(frameMask)/f)
	for at, is := range frameMask {
		counts[at/f] += int(is)
	}
	rows, full := batch.RowsOf(k.side("a"), k.ints("a.text_mask"), counts, k.config.Sequence()+3)
	if full >= 0 {
		k.Fatalf("video %d has no room", full)
	}
	out := k.run(k.store(), batch.Values(rows.Fields()), func(store *model.Store, in []*Node) []*Node {
		var x batch.RowArrays[*Node]
		batch.Fill(x.Fields(), in)
		m := k.net(store, in[0].Graph())
		return []*Node{m.Embedding(m.EncodeRows(x))}
	})
	k.near("embedding in rows", flat(k.T, out[0]), k.floats(k.load("outputs")["embedding"]), k.tol.output, 0)
}

func (k *golden) checkGradients() {
	want := k.load("outputs")
	var names []string
	largest := 0.0
	for name, w := range want {
		if strings.HasPrefix(name, "grad.") {
			names = append(names, name)
			largest = max(largest, maxAbs(k.floats(w)))
		}
	}
	x, objective := k.batch(), Pretraining{k.tasks}
	in := append(batch.Values(x.Fields(x.Packed())), WeightsOf(objective))
	out := k.run(k.store(), in, func(store *model.Store, in []*Node) []*Node {
		losses := Losses(objective, k.net(store, in[0].Graph()), in, in[len(in)-1])
		var weights []*Node
		for _, name := range names {
			weights = append(weights, store.GetVariable("/"+strings.TrimPrefix(name, "grad.")).NodeValue(losses[0]))
		}
		return append(losses, Gradient(losses[0], weights...)...)
	})
	for i, name := range []string{"total", "tag", "mlm", "mfm"} {
		k.nearLoss(name, float64(flat(k.T, out[i])[0]), k.info.Losses[name])
	}
	for i, name := range names {
		floor := largest / 1000
		if blind(name) && goldenType() != recipe.Float32 {
			floor = largest / 100 // a true gradient of 0 is all rounding
		}
		k.near(name, flat(k.T, out[4+i]), k.floats(want[name]), k.tol.grad, floor)
	}
}

func (k *golden) checkFiveSteps() {
	store := k.store()
	on, err := NewDevices(backendstest.Backend(k.T), 1)
	if err != nil {
		k.Fatal(err)
	}
	step, err := New(Config{Devices: on, Store: store, Model: k.config, Objective: Pretraining{k.tasks}, Optim: k.optim})
	if err != nil {
		k.Fatal(err)
	}
	defer step.Close()
	for i, want := range k.info.FiveSteps {
		x := k.batch()
		b := Batch{parts: [][]array{arraysOf(x.Fields(x.Packed()))}}.At(i, k.optim.Rates(i, i+1))
		if err := step.Upload(b); err != nil {
			k.Fatal(err)
		}
		made, err := step.Advance(b)
		if err != nil || !made.Finite() {
			k.Fatalf("step %d: %v, %v", i, err, made)
		}
		for j, name := range []string{"total", "tag", "mlm", "mfm"} {
			k.nearLoss(fmt.Sprintf("step %d %s", i, name), float64(made.Losses[j]), want[name])
		}
	}
	after, err := multimodal.Weights(k.config, store)
	if err != nil {
		k.Fatal(err)
	}
	want := k.load("after5")
	for _, got := range after {
		w := k.floats(want[got.Name])
		if blind(got.Name) {
			k.nearAbs(got.Name, k.floats(got), w, k.tol.blind)
			continue
		}
		k.near("after5 "+got.Name, k.floats(got), w, k.tol.weight, 0)
	}
}
