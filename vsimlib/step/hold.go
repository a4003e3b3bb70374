// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"runtime/debug"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/ml/model"
)

// worthReturning is the memory in bytes above which a full collection of garbage is no waste of time.
const worthReturning = 64 << 20

// Hold moves the float32 variables of a store to the device, as a step would, and returns the host's memory to the system. Without
// it the host's copies stay resident while the first step compiles and runs, and their garbage until the heap has doubled. Over
// several devices the step itself distributes the variables.
func (d Devices) Hold(store *model.Store) error {
	freed := 0
	for v := range store.IterVariables() {
		if d.mesh != nil || v.DType() != dtypes.Float32 || !v.HasValue() {
			continue
		}
		value, err := v.Value()
		if err == nil {
			err = value.MaterializeOnDevice(d.backend, false, 0)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", v.Path(), err)
		}
		value.FinalizeLocal()
		freed += value.Size() * 4
	}
	if freed > worthReturning {
		debug.FreeOSMemory()
	}
	return nil
}
