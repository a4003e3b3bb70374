// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDescription: the description has all that a client needs to start the kernel, from any folder and without the shell's PATH.
func TestDescription(t *testing.T) {
	var spec struct {
		Argv          []string          `json:"argv"`
		Name          string            `json:"display_name"`
		Language      string            `json:"language"`
		InterruptMode string            `json:"interrupt_mode"`
		Env           map[string]string `json:"env"`
	}
	if err := json.Unmarshal((checkout{"/c & d"}).description("/opt/go/bin"), &spec); err != nil {
		t.Fatal(err)
	}
	want := []string{"/c & d/.jupyter/bin/vsim", "kernel", "--root", "/c & d", "--go", "/opt/go/bin", "{connection_file}"}
	if !slices.Equal(spec.Argv, want) || spec.Name != "Go (gonb)" ||
		spec.Language != "go" || spec.InterruptMode != "message" || spec.Env == nil {
		t.Errorf("%+v", spec)
	}
}

func TestKernelEnv(t *testing.T) {
	base := []string{
		"HOME=/h", "PATH=/usr/bin:/c/.jupyter/bin:/bin", "GOFLAGS=-ldflags=-s -mod=mod -v",
		"GOPROXY=https://proxy.golang.org", "GOWORK=off", "JUPYTER_DATA_DIR=/elsewhere", "VSIM_SCALE=demo",
	}
	for _, c := range []struct {
		name      string
		base      []string
		has, lack []string
	}{
		{"a shell's", base, []string{
			"HOME=/h", "PATH=/c/.jupyter/bin:/c/.jupyter/lab:/usr/bin:/bin:/opt/go/bin", "GOFLAGS=-ldflags=-s -v", "GOPROXY=off", "VSIM_ROOT=/c",
			"GOMLX_NO_AUTO_INSTALL=1", "JUPYTER_DATA_DIR=/elsewhere", "VSIM_SCALE=demo",
		}, []string{"GOWORK"}},
		{"none", nil, []string{"PATH=/c/.jupyter/bin:/c/.jupyter/lab:" + systemPath + ":/opt/go/bin", "GOFLAGS=-ldflags=-s"}, nil},
		{"a headless run's", append(base, "PATH=/c/.jupyter/lab:/bin", "VSIM_GOPLS=off", "VSIM_ROOT=/other"), []string{
			"PATH=/c/.jupyter/bin:/bin:/opt/go/bin", "VSIM_ROOT=/other",
		}, nil},
	} {
		env := KernelEnv("/c", "/opt/go/bin", c.base)
		for _, want := range c.has {
			if !slices.Contains(env, want) {
				t.Errorf("%s: %q is not in %q", c.name, want, env)
			}
		}
		seen := map[string]bool{}
		for _, entry := range env {
			name, _, _ := strings.Cut(entry, "=")
			if seen[name] || slices.Contains(c.lack, name) {
				t.Errorf("%s: %s is there twice, or at all", c.name, name)
			}
			seen[name] = true
		}
	}
}

// TestKernelIsBuiltAnew where its sources change, and not where others or tests do.
func TestKernelIsBuiltAnew(t *testing.T) {
	root := t.TempDir()
	made := ""
	keyOf := func(file string) string {
		write(t, filepath.Join(root, filepath.FromSlash(file)), "package "+file)
		parts := (checkout{root}).parts()
		kernel := parts[slices.IndexFunc(parts, func(p part) bool { return p.name == kernelPart })]
		if made == "" {
			made = kernel.key
		}
		if kernel.key != made {
			t.Errorf("%s: a kernel of older sources does not work any more", file)
		}
		return kernel.latest
	}
	first := keyOf("vsimlib/kernel/a.go")
	if keyOf("vsimlib/kernel/a_test.go") != first || keyOf("vsimlib/nb/a.go") != first {
		t.Error("built anew for what is not in it")
	}
	for _, file := range []string{"vsimlib/kernel/b.go", "vsimlib/proc/a.go", "vsimlib/cli/checkout/kernel.go"} {
		next := keyOf(file)
		if next == first {
			t.Errorf("%s changes nothing", file)
		}
		first = next
	}
}
