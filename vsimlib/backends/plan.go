// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"reflect"

	"github.com/gomlx/compute"
)

// Plan is the memory that XLA's compiler plans for a program on each device, in bytes: exact, but known only when the program is
// compiled. Package memplan estimates it before.
type Plan struct {
	Arguments   int64
	Results     int64
	Aliased     int64 // of the results, in the memory of arguments
	Temporaries int64
}

// Total is what the program takes while it runs.
func (p Plan) Total() int64 { return p.Arguments + p.Results - p.Aliased + p.Temporaries }

// Larger is the plan of two that takes more.
func (p Plan) Larger(other Plan) Plan {
	if other.Total() > p.Total() {
		return other
	}
	return p
}

// PlanOf is the plan of a program that XLA compiled; ok is false for those of other backends, which have none.
//
// It reads private fields of other modules: go-xla v0.4.1 asks the plugin for the plan of each program and stores it in the field
// OnDeviceMemoryUsageStats of its pjrt.LoadedExecutable, which is the field exec of compute/xla.Executable; no method returns it.
// With one, the reading could go. TestPlanOf fails where the fields are gone, so that an upgrade is noticed.
func PlanOf(program compute.Executable) (plan Plan, ok bool) {
	stats := member(member(reflect.ValueOf(program), "exec"), "OnDeviceMemoryUsageStats")
	for _, part := range []struct {
		name string
		to   *int64
	}{{"Inputs", &plan.Arguments}, {"Outputs", &plan.Results}, {"Aliases", &plan.Aliased}, {"Temporary", &plan.Temporaries}} {
		number := member(stats, part.name)
		if number.Kind() != reflect.Int64 {
			return Plan{}, false
		}
		*part.to = number.Int()
	}
	return plan, true
}

// member returns the field of a struct, or of the struct that v points to or holds; the zero Value where there is none. A struct
// that wraps a program (package compilecache) has it in the embedded field Executable.
func member(v reflect.Value, name string) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	if f := v.FieldByName(name); f.IsValid() {
		return f
	}
	if inner := v.FieldByName("Executable"); inner.IsValid() {
		return member(inner, name)
	}
	return reflect.Value{}
}
