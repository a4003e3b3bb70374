// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/provenance"
)

const versionLong = `Print the version of vsim, the revision that it was built from, whether files were modified, and the version of
Go. A build outside of a Git checkout has no revision.`

// version is what the build says of itself.
type version struct {
	Version  string `json:"version"`  // of the module; "(devel)" where the build does not know it
	Revision string `json:"revision"` // of Git; "" where the build does not know it
	Time     string `json:"time"`     // of the revision
	Modified bool   `json:"modified"` // files differ from the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// versionOf reads what the linker wrote; info is nil where it wrote nothing.
func versionOf(info *debug.BuildInfo) version {
	v := version{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	v.Revision, v.Time, v.Modified = provenance.Revision(info)
	return v
}

func (v version) print(w io.Writer) {
	revision := "no revision"
	if v.Revision != "" {
		revision = "revision " + v.Revision
	}
	if v.Modified {
		revision += ", modified"
	}
	fmt.Fprintf(w, "vsim %s (%s), %s %s\n", v.Version, revision, v.Go, v.Platform)
}

// tellVersion prints the version of this build.
func tellVersion(a *cli.App) error {
	info, _ := debug.ReadBuildInfo()
	v := versionOf(info)
	if v.Revision == "" { // Go did not stamp it
		m := provenance.Host()
		v.Revision, v.Modified = m.Revision, m.Modified
	}
	return a.Result(v, v.print)
}

func newVersion(a *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version", Long: versionLong,
		Example: `  vsim version
  vsim version --json`,
		Args: cli.NoArgs,
	}
	cmd.RunE = a.Work(func(context.Context, *cobra.Command, []string) error { return tellVersion(a) })
	return cmd
}
