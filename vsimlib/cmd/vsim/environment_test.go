// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// withoutHome is a call in an environment that names no home directory.
func withoutHome(args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "HOME=") })
	return cmd
}

// TestNoHome: without a home directory there are vsim's own lines on stderr and no others.
func TestNoHome(t *testing.T) {
	if o := finish(t, withoutHome("data", "check", emojiDir)).ended(exitDone); o.stderr != "" {
		t.Errorf("stderr: %s", o.stderr)
	}
	finish(t, withoutHome("data", "check", "nowhere")).failed(exitFailed, "no such folder")
}

// TestNoEmptyDefaults: the help has no default that is an empty list.
func TestNoEmptyDefaults(t *testing.T) {
	for _, verb := range []string{"study", "ensemble", "embed", "submit", "import", "pretrain"} {
		if o := vsim(t, verb, "--help").ended(exitDone); strings.Contains(o.out, "default []") ||
			strings.Contains(o.out, "(default )") {
			t.Errorf("%s --help:\n%s", verb, o.out)
		}
	}
}
