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
	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/plugin"
)

// Backend returns the backend of this test process: what GOMLX_BACKEND or PJRT_PLUGIN_LIBRARY_PATH say, or else that of XLA, but
// with -short the pure Go backend, which compiles small programs much faster. Programs that a test starts use the same backend,
// whatever their HOME.
func Backend(t testing.TB) compute.Backend {
	t.Helper()
	if !testing.Short() || chosen {
		return process.use(t, openXLA)
	}
	return process.use(t, func() (compute.Backend, error) {
		_ = os.Setenv(variable, backends.Go)
		backend, _, err := backends.Open()
		return backend, err
	})
}

// XLA returns the XLA:CPU backend for tests of what only XLA has, or the one that GOMLX_BACKEND or PJRT_PLUGIN_LIBRARY_PATH say.
// Where the pinned plugin is missing it is installed, once and under a lock, and that is said on stderr; where that cannot be,
// the test fails with one line. With -short nothing is downloaded: the test is skipped where the plugin is not installed.
func XLA(t testing.TB) compute.Backend {
	t.Helper()
	if !testing.Short() || chosen {
		return process.use(t, openXLA)
	}
	if plugin.Path() == "" {
		t.Skip("the plugin is not installed, and -short downloads nothing")
	}
	before := os.Getenv(variable)
	t.Cleanup(func() { _ = os.Setenv(variable, before) })
	_ = os.Setenv(variable, "") // of Backend
	backend := xla.use(t, openXLA)
	_ = os.Setenv(variable, xla.config)
	return backend
}

// Go returns a new pure Go backend, whatever the environment says. It compiles at once.
func Go(t testing.TB) compute.Backend {
	t.Helper()
	backend, err := backends.OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	return backend
}

const variable = "GOMLX_BACKEND"

// chosen is whether the environment of the tests has a backend.
var chosen = os.Getenv(variable) != "" || os.Getenv("PJRT_PLUGIN_LIBRARY_PATH") != ""

// opened is a backend that is opened once.
type opened struct {
	once    sync.Once
	backend compute.Backend
	config  string // its GOMLX_BACKEND
	err     error
}

var process, xla, asynchronous opened

func (o *opened) use(t testing.TB, open func() (compute.Backend, error)) compute.Backend {
	t.Helper()
	o.once.Do(func() {
		o.backend, o.err = open()
		o.config = os.Getenv(variable)
	})
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.backend
}

// openXLA opens the pinned plugin, which Open checks. Where that cannot be, it installs it first.
func openXLA() (compute.Backend, error) {
	sharePrograms()
	config := os.Getenv(variable)
	if path := plugin.Path(); path != "" && !chosen {
		_ = os.Setenv(variable, "xla:"+path)
		if backend, _, err := backends.Open(); err == nil {
			return backend, nil
		}
		_ = os.Setenv(variable, config)
	}
	wantsPinned := config == "" || config == "xla" || strings.HasPrefix(config, "xla:cpu")
	if wantsPinned && os.Getenv("PJRT_PLUGIN_LIBRARY_PATH") == "" {
		path, err := plugin.Install(context.Background(), os.Stderr)
		switch {
		case err == nil && config == "":
			// The absolute path also keeps a machine's GPU out of the tests: their numbers are the CPU's.
			_ = os.Setenv(variable, "xla:"+path)
		case err != nil && config == "":
			// Another platform may bring a plugin of its own; if it does not, the first error says more.
			_ = os.Setenv(variable, "xla:cpu")
			backend, _, other := backends.Open()
			if other != nil {
				other = err
			}
			return backend, other
		case err != nil:
			return nil, err
		}
	}
	backend, _, err := backends.Open()
	return backend, err
}

// sharePrograms lets programs that tests start use the compiled programs of this user, whatever their HOME.
func sharePrograms() {
	if dir, _, _ := ondisk.Usage(); dir != "" && os.Getenv(ondisk.Env) == "" {
		_ = os.Setenv(ondisk.Env, dir)
	}
}

// Asynchronous returns an XLA:CPU backend of its own on which training sends steps ahead until the test ends, as on a GPU: what the
// host reads is copied, once it is computed.
func Asynchronous(t testing.TB) compute.Backend {
	t.Helper()
	XLA(t)
	backend := asynchronous.use(t, func() (compute.Backend, error) {
		before := os.Getenv(variable)
		defer func() { _ = os.Setenv(variable, before) }()
		_ = os.Setenv(variable, before+",shared_buffers=false")
		backend, _, err := backends.Open()
		return backend, err
	})
	if err := backends.ForceAsynchronous(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = backends.ForceAsynchronous(false) })
	if !backends.Asynchronous(backend) {
		t.Fatal("this backend does not compute asynchronously")
	}
	return backend
}
