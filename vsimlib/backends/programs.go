// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"fmt"
	"os"

	"vsim/vsimlib/compilecache/ondisk"
	"vsim/vsimlib/plugin"
)

// keepPrograms lets the plugin, which go-xla loaded by that name, keep its compiled programs in files. Where that cannot be, the
// option's warning says why, and programs are compiled in every process.
func (o *option) keepPrograms(name string) {
	identity, err := o.identity()
	if err == nil {
		p := ondisk.Plugin{Path: name, Identity: identity}
		if o.verify {
			p.Table = pinnedTable()
		}
		err = ondisk.Use(p)
	}
	if err != nil && o.warning == "" {
		o.warning = err.Error()
	}
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
