// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/gomlx/compute"

	"vsim/vsimlib/asyncexec"
	"vsim/vsimlib/compilecache/ondisk"
	"vsim/vsimlib/pjrttable"
	"vsim/vsimlib/plugin"
)

// hook puts functions of vsim before those of the plugin, which go-xla loaded by that name: its compiled programs stay in files,
// and on a GPU training may go on while the device computes. Where that cannot be, the option's warning says why: programs are
// compiled in every process, or each step waits for the one before.
func (o *option) hook(name string) {
	p := pjrttable.Plugin{Path: name}
	if o.verify {
		p.Table = pinnedTable()
	}
	identity, err := o.identity()
	if err == nil {
		err = ondisk.Use(ondisk.Plugin{Plugin: p, Identity: identity})
	}
	if o.kind == CUDA {
		e := asyncexec.Use(p)
		sends.Store(e == nil)
		if err == nil {
			err = e
		}
	}
	if err != nil && o.warning == "" {
		o.warning = err.Error()
	}
}

// sends is whether executions on CUDA's plugin may return before the device has computed, forced whether those on all plugins may.
var sends, forced atomic.Bool

// Asynchronous reports whether executions on one device of a backend may return before the device has computed (package asyncexec):
// on a GPU, which would be idle while the host prepares the next one. On a CPU the host needs the same cores.
func Asynchronous(backend compute.Backend) bool {
	switch Kind(backend) {
	case CUDA:
		return sends.Load() || forced.Load()
	case Go:
		return false
	}
	return forced.Load()
}

// ForceAsynchronous makes executions on the pinned plugin asynchronous, or no longer. It is for tests, which have no GPU.
func ForceAsynchronous(on bool) error {
	if on {
		if err := asyncexec.Use(pjrttable.Plugin{Table: pinnedTable()}); err != nil {
			return err
		}
	}
	forced.Store(on)
	return nil
}

// identity tells the plugin's build from others: the pinned one, which was verified, by its checksum, others by their file.
func (o *option) identity() (string, error) {
	if o.verify {
		return plugin.Checksum(), nil
	}
	info, err := os.Stat(o.plugin)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d %d", o.plugin, info.Size(), info.ModTime().UnixNano()), nil
}
