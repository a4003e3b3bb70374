// SPDX-License-Identifier: Apache-2.0

// Command vsim is the way from records to a scored model: `vsim --help` lists its subcommands, one file each here.
package main

import (
	"os"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/proc"
)

func main() {
	proc.KeepMemory()
	proc.CollectLess()
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, newRoot))
}
