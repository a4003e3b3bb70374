// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"vsim/vsimlib/proc"
)

// TestVersion: the verb and the flag say the same.
func TestVersion(t *testing.T) {
	o := vsim(t, "version").ended(exitDone)
	if !strings.HasPrefix(o.out, "vsim ") || !strings.Contains(o.out, "revision") || !strings.Contains(o.out, runtime.Version()) {
		t.Errorf("%q", o.out)
	}
	if flag := vsim(t, "--version").ended(exitDone); flag.out != o.out || flag.stderr != "" {
		t.Errorf("--version prints %q and %q, version %q", flag.out, flag.stderr, o.out)
	}
	object := vsim(t, "version", "--json").ended(exitDone).has("version", "revision", "modified", "go", "platform")
	if object["go"] != runtime.Version() {
		t.Errorf("%v", object)
	}
	if flag := vsim(t, "--version", "--json").ended(exitDone); flag.out != vsim(t, "version", "--json").ended(exitDone).out {
		t.Errorf("--version --json prints %q", flag.out)
	}
	cmd := exec.Command(binary, "version")
	for _, entry := range os.Environ() { // as from a shell, where it starts itself anew
		if name, _ := proc.Memory(); !strings.HasPrefix(entry, name+"=") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	if fresh := finish(t, cmd).ended(exitDone); fresh.out != o.out || fresh.stderr != "" {
		t.Errorf("without the settings of memory: %q and %q", fresh.out, fresh.stderr)
	}
}

func TestVersionOf(t *testing.T) {
	about := func(info *debug.BuildInfo) string {
		var b strings.Builder
		versionOf(info).print(&b)
		return b.String()
	}
	end := ", " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	if got, want := about(nil), "vsim (devel) (no revision)"+end; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	info := &debug.BuildInfo{Main: debug.Module{Version: "v0.2.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-11-25T00:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	if got, want := about(info), "vsim v0.2.0 (revision abc, modified)"+end; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if v := versionOf(info); v.Time != "2026-11-25T00:00:00Z" {
		t.Errorf("%+v", v)
	}
}
