// SPDX-License-Identifier: Apache-2.0

// Package backendstest gives tests their backend.
package backendstest

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/compilecache/ondisk"
	"vsim/vsimlib/plugin"
)

// Backend returns the backend of this test process: XLA:CPU, or what GOMLX_BACKEND or PJRT_PLUGIN_LIBRARY_PATH say. Where
// the pinned XLA:CPU plugin is missing it is installed, once and under a lock, and that is said on stderr; where that
// cannot be, the test fails with one line. Programs that a test starts use the same backend, whatever their HOME.
func Backend(t testing.TB) compute.Backend {
	t.Helper()
	shared.once.Do(open)
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.backend
}

var shared struct {
	once    sync.Once
	backend compute.Backend
	err     error
}

func open() {
	sharePrograms()
	config := os.Getenv("GOMLX_BACKEND")
	wantsPinned := config == "" || config == "xla" || strings.HasPrefix(config, "xla:cpu")
	if wantsPinned && os.Getenv("PJRT_PLUGIN_LIBRARY_PATH") == "" {
		path, err := plugin.Install(context.Background(), os.Stderr)
		switch {
		case err == nil && config == "":
			// The absolute path also keeps a machine's GPU out of the tests: their numbers are the CPU's.
			_ = os.Setenv("GOMLX_BACKEND", "xla:"+path)
		case err != nil && config == "":
			// Another platform may bring a plugin of its own; if it does not, the first error says more.
			_ = os.Setenv("GOMLX_BACKEND", "xla:cpu")
			if shared.backend, _, shared.err = backends.Open(); shared.err != nil {
				shared.err = err
			}
			return
		case err != nil:
			shared.err = err
			return
		}
	}
	shared.backend, _, shared.err = backends.Open()
}

// sharePrograms lets programs that tests start use the compiled programs of this user, whatever their HOME.
func sharePrograms() {
	if dir, _, _ := ondisk.Usage(); dir != "" && os.Getenv(ondisk.Env) == "" {
		_ = os.Setenv(ondisk.Env, dir)
	}
}
