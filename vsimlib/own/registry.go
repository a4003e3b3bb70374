// SPDX-License-Identifier: Apache-2.0

package own

import (
	"slices"
	"strings"
	"sync"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/recipe"
)

// registered are the functions of this process, by the names that settings have for them.
var registered = struct {
	sync.Mutex
	functions map[string]function
}{functions: map[string]function{}}

// RegisterPairLoss checks a loss of pairs on a made-up batch and returns the value of finetune.loss that names it.
func RegisterPairLoss(f PairLoss) (string, error) {
	return register(pairLosses, f, func(in []*Node) *Node { return f(in[0], in[1], in[2]) })
}

// RegisterTask checks a pretraining task on a made-up batch and returns the value of pretrain.own_task that names it.
func RegisterTask(f Task) (string, error) {
	return register(tasks, f, func(in []*Node) *Node {
		var x TaskInputs
		for i, at := range x.list() {
			*at = in[i]
		}
		return f(x)
	})
}

// RegisterPooling checks a pooling on a made-up batch and returns the value of model.pooling that names it.
func RegisterPooling(f Pooling) (string, error) {
	return register(poolings, f, func(in []*Node) *Node { return f(in[0], in[1]) })
}

func register(k kind, value any, call func(in []*Node) *Node) (string, error) {
	f, err := named(k, value, call)
	if err != nil {
		return "", err
	}
	number, err := f.number()
	if err != nil {
		return "", err
	}
	name := recipe.Own(number)
	registered.Lock()
	defer registered.Unlock()
	registered.functions[name] = f
	return name, nil
}

// find returns the function that a setting names. Where this process has none, the error names the setting and the way out.
func find(k kind, setting, name string) (function, error) {
	registered.Lock()
	defer registered.Unlock()
	f, is := registered.functions[name]
	switch {
	case !is:
		return f, failf("%s=%s: this process has no such function; call %s with it in the same notebook cell or program: "+
			"vsim in a shell and the nodes of a cluster have no functions of yours", setting, name, k.option)
	case f.kind.name != k.name:
		return f, failf("%s=%s: %s is no %s", setting, name, f, k.name)
	}
	return f, nil
}

// Name returns the kind and the Go name of the function that a setting names, such as "pair loss cosent"; "" where this process has
// none.
func Name(setting string) string {
	registered.Lock()
	defer registered.Unlock()
	if f, is := registered.functions[setting]; is {
		return f.String()
	}
	return ""
}

// must is find in the graph of a step: its error becomes that of the step.
func must(k kind, setting, name string) function {
	f, err := find(k, setting, name)
	if err != nil {
		panic(err)
	}
	return f
}

// LossOf builds the loss of pairs that a setting names.
func LossOf(name string, first, second, target *Node) *Node {
	return must(pairLosses, lossSetting, name).mustBuild([]*Node{first, second, target})
}

// TaskOf builds the loss of the task that a setting names.
func TaskOf(name string, in TaskInputs) *Node {
	var list []*Node
	for _, at := range in.list() {
		list = append(list, *at)
	}
	return must(tasks, taskSetting, name).mustBuild(list)
}

// Pool builds the pooling that a setting names: [B,H].
func Pool(name string, states, mask *Node) *Node {
	return must(poolings, poolingSetting, name).mustBuild([]*Node{states, mask})
}

// The settings that can name functions.
const (
	lossSetting    = "finetune.loss"
	taskSetting    = "pretrain.own_task"
	poolingSetting = "model.pooling"
)

// CheckModel returns an error if the model's pooling is a function that this process does not have.
func CheckModel(m recipe.Model) error {
	if !recipe.IsOwn(m.Pooling) {
		return nil
	}
	_, err := find(poolings, poolingSetting, m.Pooling)
	return err
}

// Check returns an error if any stage of the recipe needs a function that this process does not have.
func Check(r recipe.Recipe) error {
	for _, n := range append(needs("pretrain", r), needs("finetune", r)...) {
		if _, err := find(n.kind, n.setting, n.name); err != nil {
			return err
		}
	}
	return nil
}

// CheckStage returns an error if a stage, pretrain or finetune, of a resolved recipe needs a function that this process does not
// have, or one that cannot be built at its sizes.
func CheckStage(stage string, r recipe.Recipe) error {
	batch := r.Pretrain.Batch
	if stage == "finetune" {
		batch = r.Finetune.Batch
	}
	for _, n := range needs(stage, r) {
		f, err := find(n.kind, n.setting, n.name)
		if err == nil {
			err = f.tryAt(r.Model, batch)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Uses reports whether any stage of the recipe with these settings on top needs a function of this process.
func Uses(r recipe.Recipe, set ...string) bool {
	named := func(s string) bool {
		_, value, _ := strings.Cut(s, "=")
		return recipe.IsOwn(strings.TrimSpace(value))
	}
	return len(needs("pretrain", r))+len(needs("finetune", r)) > 0 || slices.ContainsFunc(set, named)
}

// need is a function that a recipe names.
type need struct {
	kind          kind
	setting, name string
}

// needs are the functions that a stage of a recipe names.
func needs(stage string, r recipe.Recipe) (list []need) {
	if recipe.IsOwn(r.Model.Pooling) {
		list = append(list, need{poolings, poolingSetting, r.Model.Pooling})
	}
	if stage == "pretrain" && r.Pretrain.WeightOwn != 0 {
		list = append(list, need{tasks, taskSetting, r.Pretrain.OwnTask})
	}
	if stage == "finetune" && recipe.IsOwn(r.Finetune.Loss) {
		list = append(list, need{pairLosses, lossSetting, r.Finetune.Loss})
	}
	return list
}
