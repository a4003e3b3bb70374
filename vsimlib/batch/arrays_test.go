// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestFields pins the order in which programs take the arrays of each kind of batch, and that every array of a struct is in it
// once: a program that takes them in another order would still compile.
func TestFields(t *testing.T) {
	const encoder, packing = "text_ids text_mask frames frame_mask", " frame_number source segment slot"
	const pretrain = " frame_masked mlm_positions mlm_labels mlm_weights mfm_positions mfm_weights tags tag_valid"
	e, p, q, r := &EncoderArrays[int]{}, &PretrainArrays[int]{}, &PairArrays[int]{}, &TaughtArrays[int]{}
	taught := func(packed bool) []Field[int] { return r.Fields(packed, true) }
	for _, c := range []struct {
		arrays any
		fields func(packed bool) []Field[int]
		after  string
	}{{e, e.Fields, ""}, {p, p.Fields, pretrain}, {q, q.Fields, " target"}, {r, taught, " target teacher"}} {
		for _, packed := range []bool{false, true} {
			want := strings.Fields(encoder + c.after)
			if packed {
				want = strings.Fields(encoder + packing + c.after)
			}
			var names []string
			values := make([]int, len(want)+2)
			for i := range values {
				values[i] = i + 1
			}
			fields := c.fields(packed)
			for _, f := range fields {
				names = append(names, f.Name)
			}
			if !slices.Equal(names, want) {
				t.Errorf("%T, packed %t: %v, want %v", c.arrays, packed, names, want)
				continue
			}
			if rest := Fill(fields, values); !slices.Equal(rest, values[len(want):]) {
				t.Errorf("%T, packed %t: %v are left", c.arrays, packed, rest)
			}
			for i, v := range Values(fields) {
				if v != i+1 {
					t.Errorf("%T, packed %t: %s shares its variable with another field", c.arrays, packed, names[i])
				}
			}
		}
		if n := arrays(reflect.TypeOf(c.arrays).Elem()); n != len(c.fields(true)) {
			t.Errorf("%T has %d arrays, Fields %d", c.arrays, n, len(c.fields(true)))
		}
	}
	defer func() {
		if err := recover(); err == nil || !strings.Contains(strings.ToLower(err.(error).Error()), "none for target") {
			t.Errorf("%v, want the array that is missing", err)
		}
	}()
	Fill(q.Fields(false), make([]int, 4))
}

// arrays counts the arrays of a struct and of those that it embeds.
func arrays(s reflect.Type) int {
	if s.Kind() != reflect.Struct {
		return 1
	}
	n := 0
	for i := range s.NumField() {
		n += arrays(s.Field(i).Type)
	}
	return n
}
