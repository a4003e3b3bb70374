// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/recipe"
)

// advice names settings with which the same batch needs less memory: of each kind the smallest change that fits.
func (p Plan) advice(b budget) string {
	var fit []string
	least, lowest := "", int64(0)
	kinds, joined := p.variants()
	for i, kind := range append(kinds, joined) {
		if i == len(kinds) && len(fit) > 0 {
			break // one change suffices
		}
		for _, sets := range kind {
			r := p.Recipe.Clone()
			for _, set := range sets {
				if err := r.Set(set); err != nil {
					return err.Error()
				}
			}
			v, name := need(p, r), strings.Join(sets, " with ")
			if least == "" || v.total-v.held < lowest {
				least, lowest = name, v.total-v.held
			}
			if v.total-v.held <= b.available {
				fit = append(fit, name)
				break
			}
		}
	}
	switch {
	case len(fit) > 0:
		return "the same effective batch takes less with " + strings.Join(fit, ", or ")
	case least == "":
		return "only a smaller model, a smaller batch or more memory helps"
	}
	return fmt.Sprintf("the same effective batch takes least with %s; "+
		"where that is too much, only a smaller model or more memory helps", least)
}

// checkpointing is the setting of gradient checkpointing.
const checkpointing = "model.gradient_checkpointing=true"

// variants returns settings that keep the effective batch and need less memory, by kind, and two kinds joined; within a kind none
// needs more than the one before.
func (p Plan) variants() (kinds [][][]string, joined [][]string) {
	splits := p.splits()
	if !p.Recipe.Model.GradientCheckpointing {
		kinds = append(kinds, [][]string{{checkpointing}})
		for _, split := range splits {
			joined = append(joined, append(split[:1:1], checkpointing))
		}
	}
	if p.Kind == backends.CUDA && p.Recipe.Model.ComputeDType != recipe.BFloat16 {
		kinds = append(kinds, [][]string{{"model.compute_dtype=" + recipe.BFloat16}})
	}
	return append(kinds, splits), joined
}

// splits returns settings that divide the batch, and those of the steps that have fewer examples, into more micro-batches.
func (p Plan) splits() (list [][]string) {
	now, whole := p.Recipe.Pretrain.Accumulate, p.Recipe.Pretrain.WeightOwn != 0
	if p.Stage == Finetune {
		now, whole = p.Recipe.Finetune.Accumulate, p.Recipe.Finetune.OfOrder()
	}
	if whole { // the loss is over a whole batch
		return nil
	}
	sizes := p.sizes()
	for k := max(1, now) + 1; k <= slices.Min(sizes); k++ {
		uneven := func(n int) bool { return n%k != 0 || n/k%max(1, p.Devices) != 0 }
		if p.batch()%k == 0 && !slices.ContainsFunc(sizes, uneven) {
			list = append(list, []string{fmt.Sprintf("%s.accumulate=%d", p.Stage, k)})
		}
	}
	return list
}
