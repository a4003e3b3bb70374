// SPDX-License-Identifier: Apache-2.0

package step

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
)

// TestHold: the values are on the device alone, and the same.
func TestHold(t *testing.T) {
	devices, err := NewDevices(backendstest.Backend(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	v := store.VariableWithValue("/w", []float32{1, 2, 3})
	store.VariableWithValue("/counter", []int32{7})
	for range 2 { // the second time there is nothing to do
		if err := devices.Hold(store); err != nil {
			t.Fatal(err)
		}
		if value := v.MustValue(); value.HasLocal() || !value.IsOnAnyDevice() {
			t.Errorf("on the host: %t, on the device: %t", value.HasLocal(), value.IsOnAnyDevice())
		}
	}
	if got := tensors.MustCopyFlatData[float32](v.MustValue()); len(got) != 3 || got[2] != 3 {
		t.Errorf("%v", got)
	}
}
