// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
)

// oddRecipe has sizes that are all different, so that one taken for another shows.
func oddRecipe(t *testing.T, sets string) recipe.Recipe {
	t.Helper()
	r, ok := recipe.Preset("tiny")
	if !ok {
		t.Fatal("no preset tiny")
	}
	sets = "model.keep_padding=true model.vocab_size=53 model.hidden_size=12 model.num_hidden_layers=2 model.num_attention_heads=3" +
		" model.intermediate_size=20" +
		" model.frame_dim=7 model.max_frames=5 model.max_text=9 model.num_tags=11 model.embedding_dim=6 pretrain.batch=3 " + sets
	for _, set := range strings.Fields(sets) {
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Resolve(recipe.Sizes{}); err != nil {
		t.Fatal(err)
	}
	return r
}

// By hand: B=2 videos of S=14 positions (9 words, 5 frames), H=12, I=20, 2 layers, F=7, V=53, 11 tags, 4 masked tokens, 3 masked
// frames.
func TestStepFLOPsByHand(t *testing.T) {
	r := oddRecipe(t, "")
	w := Work{Videos: 2, Positions: 28, Attended: 2 * 14 * 14, Frames: 10, MaskedTokens: 4, MaskedFrames: 3}
	attention := 28*12*36 + 392*12 + 392*12                    // QKV, scores, context
	first, last := 28*(12*12+2*12*20), (2+4+3)*(12*12+2*12*20) // output and feed-forward, in the last layer where a head reads
	heads := 2*12*11 + 4*12*12 + 4*12*53 + 3*12*12 + 3*12*7    // tags, words, frames
	data := 10*7*12 + 3*7*10                                   // video_fc, the contrast of masked frames
	want := float64(2 * (3*(2*attention+first+last+heads) + 2*data))
	if got := StepFLOPs(r, w); got != want {
		t.Errorf("%g FLOPs, want %g", got, want)
	}
	r.Pretrain.WeightTag, r.Pretrain.WeightMLM, r.Pretrain.WeightMFM = new(float64(0)), 0, 0
	if got, want := StepFLOPs(r, w), float64(2*(3*(2*attention+first)+2*10*7*12)); got != want {
		t.Errorf("without heads %g FLOPs, want %g", got, want)
	}
}

// The rule of thumb of the literature (Kaplan et al., arXiv 2001.08361, section 2.1): 6 FLOPs a weight of the layers and position,
// and 12·layers·S·H a position for attention. BERT-base has 84,934,656 weights in its layers' matrices.
func TestStepFLOPsOfBERTBase(t *testing.T) {
	r := oddRecipe(t, "")
	m := &r.Model
	m.HiddenSize, m.NumHiddenLayers, m.NumAttentionHeads, m.IntermediateSize = 768, 12, 12, 3072
	r.Pretrain.WeightTag, r.Pretrain.WeightMLM, r.Pretrain.WeightMFM = new(float64(0)), 0, 0
	const rows, s = 8, 512
	got := StepFLOPs(r, Work{Videos: rows, Positions: rows * s, Attended: rows * s * s})
	// No head reads the last layer here, so what follows its attention is not computed.
	want := rows * s * (6*(84934656.-768*768-2*768*3072) + 12*12*s*768)
	if math.Abs(got/want-1) > 1e-12 {
		t.Errorf("%g FLOPs, want %g", got, want)
	}
}

// TestStepFLOPsAgainstGraph adds up the matrix products of the graph that trains.
func TestStepFLOPsAgainstGraph(t *testing.T) {
	for _, sets := range []string{
		"",
		"model.tag_input=embedding model.pooling=attention model.layout=frames_first",
		"model.keep_padding=false model.tag_input=embedding model.pooling=masked_attention",
		"pretrain.weight_simcse=0.5",
		"model.max_asr=6",
		"model.max_asr=6 model.keep_padding=false model.pooling=masked_mean",
		"pretrain.weight_simcse=0.5 model.keep_padding=false model.pooling=cls",
		"pretrain.weight_simcse=0.5 model.keep_padding=false model.pooling=masked_mean",
		"pretrain.weight_simcse=0.5 model.keep_padding=false model.pooling=masked_attention model.tag_input=embedding",
	} {
		t.Run(sets, func(t *testing.T) {
			r, lengths := oddRecipe(t, sets), Full
			if r.Model.Packs() {
				lengths = Competition
			}
			source, err := newSource(r, 1, lengths)
			if err != nil {
				t.Fatal(err)
			}
			parts, err := step.PretrainParts(source.builder, r.Pretrain, 0, source.videos(0), nil)
			if err != nil {
				t.Fatal(err)
			}
			want, list := graphFLOPs(t, outputs(t, r, parts[0]))
			if got := StepFLOPs(r, PaddedWork(parts[0])); got != want {
				t.Errorf("%g FLOPs by the formula, %g in the graph:\n%s", got, want, strings.Join(list, "\n"))
			}
		})
	}
}

var dotAxes = regexp.MustCompile(`lhsContractingAxes=\[([\d ]*)\], lhsBatchAxes=\[([\d ]*)\]`)

// outputs builds the graph of a step on a batch and returns the nodes that it sets in the store, the new weights and moments.
func outputs(t *testing.T, r recipe.Recipe, b *batch.Pretrain) (nodes []*Node) {
	t.Helper()
	store, err := multimodal.NewStore(r.Model, r.Pretrain.Seed)
	if err != nil {
		t.Fatal(err)
	}
	o := step.PretrainOptim(r, recipe.Schedule{Steps: 10})
	objective := step.Pretraining{Tasks: losses.TasksOf(r.Pretrain)}
	exec, err := model.NewExec(backendstest.Go(t), store, func(s *model.Scope, in []*Node) []*Node {
		rates, rng, weights := in[len(in)-3], in[len(in)-2], in[len(in)-1]
		m := multimodal.Model{Net: bert.New(s.Store(), rates.Graph(), r.Model, rng)}
		loss := step.Losses(objective, m, in, weights)[0]
		return []*Node{o.Update(s.Store(), multimodal.Names(r.Model), loss, rates)}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	rng, err := RNGStateFromSeed(1)
	if err != nil {
		t.Fatal(err)
	}
	_, g, err := exec.CallWithGraph(append(batch.Values(b.Fields(b.Packed())), o.Rates(0, 1), rng, step.WeightsOf(objective))...)
	if err != nil {
		t.Fatal(err)
	}
	for v := range store.IterVariables() {
		if v.InUseByGraph(g) {
			nodes = append(nodes, v.NodeValue(g))
		}
	}
	return nodes
}

// graphFLOPs adds up 2·m·n·k over the products of matrices that outputs depend on. GoMLX also builds the gradients of the frames,
// on which nothing depends and which XLA leaves out.
func graphFLOPs(t *testing.T, outputs []*Node) (total float64, list []string) {
	t.Helper()
	live := map[NodeId]bool{}
	for _, n := range outputs {
		live[n.Id()] = true
	}
	nodes := outputs[0].Graph().Nodes()
	for i := len(nodes) - 1; i >= 0; i-- { // inputs come before who reads them
		for _, in := range nodes[i].Inputs() {
			live[in.Id()] = live[in.Id()] || live[nodes[i].Id()]
		}
	}
	for _, n := range nodes {
		if n.Type() != NodeTypeDotGeneral || !live[n.Id()] {
			continue
		}
		found := dotAxes.FindStringSubmatch(n.String())
		if found == nil {
			t.Fatalf("node %s has no axes", n)
		}
		lhs := n.Inputs()[0].Shape()
		k := 1
		for _, axis := range strings.Fields(found[1]) {
			i, err := strconv.Atoi(axis)
			if err != nil {
				t.Fatal(err)
			}
			k *= lhs.Dimensions[i]
		}
		flops := 2 * float64(n.Shape().Size()) * float64(k)
		total += flops
		list = append(list, fmt.Sprintf("%12.0f  %s · %s -> %s", flops, lhs, n.Inputs()[1].Shape(), n.Shape()))
	}
	return total, list
}
