// SPDX-License-Identifier: Apache-2.0

package own

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/text"
)

// function is one of a user's.
type function struct {
	kind kind
	name string
	call func(in []*Node) *Node
}

// named returns the function behind a user's value f.
func named(k kind, f any, call func(in []*Node) *Node) (function, error) {
	v := reflect.ValueOf(f)
	if v.IsNil() {
		return function{}, failf("%s: no function is given; want one such as func cosent(…) *Node", k.name)
	}
	name := runtime.FuncForPC(v.Pointer()).Name()
	name = name[strings.LastIndexByte(name, '/')+1:] // "main.cosent"; of a function without a name "main.main.func1"
	return function{k, strings.TrimPrefix(name, "main."), call}, nil
}

func (f function) String() string { return f.kind.name + " " + f.name }

// building is held while a user's function runs: several trainings of a process build their graphs at the same time.
var building sync.Mutex

// build calls the function. Whatever it panics with, and a result that is none of its kind, is an error that names the function and
// the shapes that it was given.
func (f function) build(in []*Node) (y *Node, err error) {
	building.Lock()
	defer building.Unlock()
	defer func() {
		if e := recover(); e != nil {
			y, err = nil, failf("%s: %s; it was called with %s", f, text.OneLine(fmt.Sprint(e)), f.shapes(in))
		}
	}()
	y = f.call(in)
	if y == nil {
		return nil, failf("%s: returns nil; it was called with %s", f, f.shapes(in))
	}
	want, got := f.kind.results(in), y.Shape()
	if got.DType != result || !slices.Equal(got.Dimensions, want) {
		return nil, failf("%s: returns %s, want %s; it was called with %s", f, shape(y), wanted(want), f.shapes(in))
	}
	return y, nil
}

// mustBuild is build in the graph of a step: its error becomes that of the step.
func (f function) mustBuild(in []*Node) *Node {
	y, err := f.build(in)
	if err != nil {
		panic(err)
	}
	return y
}

// shapes are those of the inputs, for messages.
func (f function) shapes(in []*Node) string {
	list := make([]string, len(in))
	for i, x := range in {
		list[i] = f.kind.inputs[i].name + " " + shape(x)
	}
	return strings.Join(list, ", ")
}

// shape is the data type and the dimensions of a node, for messages.
func shape(x *Node) string {
	if x.Shape().IsScalar() {
		return "a scalar of " + x.DType().String()
	}
	return fmt.Sprintf("%s%v", x.DType(), x.Shape().Dimensions)
}

func wanted(dims []int) string {
	if len(dims) == 0 {
		return "a scalar of " + result.String()
	}
	return fmt.Sprintf("%s%v", result, dims)
}

// blame is an error with the name of the function.
func (f function) blame(err error) error {
	if err == nil {
		return failf("%s: cannot be numbered", f)
	}
	line := text.OneLine(err.Error())
	if strings.HasPrefix(line, f.String()) {
		return err
	}
	return failf("%s: %s", f, line)
}
