// SPDX-License-Identifier: Apache-2.0

package backends_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
)

// TestTry: a device that computes passes in every type that it has.
func TestTry(t *testing.T) {
	devices := backends.Try(backendstest.Backend(t))
	if len(devices) == 0 {
		t.Fatal("no device")
	}
	for _, d := range devices {
		if len(d.Failed) > 0 || !slices.Equal(d.Passed, []string{"float32", "bfloat16"}) {
			t.Errorf("%s", d)
		}
	}
}

// TestTryOnCUDA: TF32 is tried where the plugin says that it is CUDA's.
func TestTryOnCUDA(t *testing.T) {
	if d := backends.Try(backendstest.AsCUDA(backendstest.Go(t)))[0]; len(d.Failed) > 0 || len(d.Passed) != 3 {
		t.Errorf("%s", d)
	}
}

// unable is a backend that compiles nothing, as XLA does where it has no assembler.
type unable struct{ compute.Backend }

func (u unable) Builder(name string) compute.Builder { return failing{u.Backend.Builder(name)} }

type failing struct{ compute.Builder }

func (failing) Compile() (compute.Executable, error) {
	return nil, errors.New("INTERNAL: no ptxas\nand a stack")
}

// TestTryFails: what a device does not compile is named in one line.
func TestTryFails(t *testing.T) {
	d := backends.Try(unable{backendstest.Go(t)})[0]
	if len(d.Passed) > 0 || len(d.Failed) != 2 || !strings.Contains(d.String(), "bfloat16 failed: ") ||
		!strings.Contains(d.String(), "no ptxas") || strings.Contains(d.String(), "\n") {
		t.Errorf("%q", d)
	}
}

// TestWithTF32 restores what the backend did before.
func TestWithTF32(t *testing.T) {
	b := backendstest.XLA(t)
	before := backends.UsesTF32(b)
	during := false
	if err := backends.WithTF32(b, !before, func() error { during = backends.UsesTF32(b); return nil }); err != nil {
		t.Fatal(err)
	}
	if during == before || backends.UsesTF32(b) != before {
		t.Errorf("TF32 %v before, %v during, %v after", before, during, backends.UsesTF32(b))
	}
}
