// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
)

// TestTryCompares: a product in bfloat16 is too far from the exact one for the tolerance of float32.
func TestTryCompares(t *testing.T) {
	backend, err := OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	strict := product{"bfloat16", dtypes.BFloat16, false, 1e-5}
	if err := strict.run(backend, 0); err == nil || !strings.Contains(err.Error(), "result ") {
		t.Errorf("bfloat16 within the tolerance of float32: %v", err)
	}
}
