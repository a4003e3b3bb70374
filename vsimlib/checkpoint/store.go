// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/text"
)

// Root is the scope of the model's weights, which bear their Hugging Face names there.
const Root = model.ScopeSeparator

// path of a variable in a scope.
func path(scope, name string) string {
	return strings.TrimSuffix(scope, model.ScopeSeparator) + model.ScopeSeparator + name
}

// inScope returns the float32 variables directly in a scope, not below it, in the order of their names.
func inScope(store *model.Store, scope string) []*model.Variable {
	var list []*model.Variable
	for v := range store.IterVariables() {
		if v.DType() == dtypes.Float32 && v.Path() == path(scope, v.Name()) {
			list = append(list, v)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
	return list
}

// Restore sets the float32 variables directly in a scope from tensors of the same names and shapes. Where a name is missing or
// too many on either side, or a shape differs, the error lists them and no variable has changed.
func Restore(store *model.Store, scope string, list []safetensors.Tensor) error {
	given, err := byName(list)
	if err != nil {
		return err
	}
	variables := inScope(store, scope)
	var faults faults
	for _, v := range variables {
		t, ok := given[v.Name()]
		if !ok {
			faults.add("missing", v.Name())
			continue
		}
		faults.compare(t, v.Shape().Dimensions)
		delete(given, v.Name())
	}
	for name := range given {
		faults.add("unknown", name)
	}
	if err := faults.err(scope); err != nil {
		return err
	}
	given, _ = byName(list)
	for _, v := range variables {
		if err := set(v, given[v.Name()]); err != nil {
			return err
		}
	}
	return nil
}

// RestoreMoments sets or makes the variables of an optimiser in a scope: each tensor must have the name and shape of a weight in
// Root, but not each weight a tensor, since one that no loss reached has no moments. Moments that the store has and the list
// has not are an error, as in Restore.
func RestoreMoments(store *model.Store, scope string, list []safetensors.Tensor) error {
	given, err := byName(list)
	if err != nil {
		return err
	}
	var faults faults
	for name, t := range given {
		if weight := store.GetVariable(path(Root, name)); weight == nil {
			faults.add("unknown", name)
		} else {
			faults.compare(t, weight.Shape().Dimensions)
		}
	}
	for _, v := range inScope(store, scope) {
		if _, ok := given[v.Name()]; !ok {
			faults.add("missing", v.Name())
		}
	}
	if err := faults.err(scope); err != nil {
		return err
	}
	for _, t := range list {
		at := path(scope, t.Name)
		if v := store.GetVariable(at); v != nil {
			if err := set(v, t); err != nil {
				return err
			}
			continue
		}
		value, err := toTensor(t)
		if err != nil {
			return err
		}
		v, err := store.CreateVariable(at, value)
		if err != nil {
			return fmt.Errorf("checkpoint: variable %s: %w", at, err)
		}
		v.SetTrainable(false)
	}
	return nil
}

// byName indexes tensors; a repeated name is an error.
func byName(list []safetensors.Tensor) (map[string]safetensors.Tensor, error) {
	given := make(map[string]safetensors.Tensor, len(list))
	for _, t := range list {
		if _, ok := given[t.Name]; ok {
			return nil, fmt.Errorf("checkpoint: tensor %s: given twice", t.Name)
		}
		given[t.Name] = t
	}
	return given, nil
}

// set replaces the value of a variable; the old one is freed at once, on the device too.
func set(v *model.Variable, t safetensors.Tensor) error {
	value, err := toTensor(t)
	if err == nil {
		err = v.SetValue(value)
	}
	if err != nil {
		return fmt.Errorf("checkpoint: variable %s: %w", v.Path(), err)
	}
	return nil
}

// toTensor copies a float32 tensor into one of GoMLX.
func toTensor(t safetensors.Tensor) (*tensors.Tensor, error) {
	value := tensors.FromShape(shapes.Make(dtypes.Float32, t.Shape...))
	err := value.MutableBytes(func(b []byte) { copy(b, t.Data) })
	if err != nil {
		return nil, fmt.Errorf("checkpoint: tensor %s: %w", t.Name, err)
	}
	return value, nil
}

// faults collects what does not fit, by kind.
type faults map[string][]string

func (f *faults) add(kind, what string) {
	if *f == nil {
		*f = faults{}
	}
	(*f)[kind] = append((*f)[kind], what)
}

// compare checks a tensor against the shape that it must have.
func (f *faults) compare(t safetensors.Tensor, shape []int) {
	size := 4
	for _, n := range t.Shape {
		size *= n
	}
	switch {
	case t.DType != safetensors.Float32:
		f.add("not F32", fmt.Sprintf("%s (%s)", t.Name, t.DType))
	case !slices.Equal(t.Shape, shape):
		f.add("of another shape", fmt.Sprintf("%s (%v, the model has %v)", t.Name, t.Shape, shape))
	case len(t.Data) != size:
		f.add("torn", fmt.Sprintf("%s (%d bytes of %d)", t.Name, len(t.Data), size))
	}
}

// shown is how many names of a kind an error lists.
const shown = 4

// err is one line of all faults, nil if there are none.
func (f faults) err(scope string) error {
	var parts []string
	for kind, names := range f {
		sort.Strings(names)
		parts = append(parts, fmt.Sprintf("%d %s: %s", len(names), kind, text.Few(names, shown)))
	}
	if len(parts) == 0 {
		return nil
	}
	sort.Strings(parts)
	return fmt.Errorf("checkpoint: the tensors do not fit the variables in %s: %s", scope, strings.Join(parts, "; "))
}
