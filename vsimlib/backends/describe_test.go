// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseGPU(t *testing.T) {
	for out, want := range map[string]GPU{
		"NVIDIA H100 80GB HBM3, 81559, 1234\n":          {"NVIDIA H100 80GB HBM3", 81559 << 20, 1234 << 20},
		"NVIDIA A10, 23028, 0\nNVIDIA A10, 23028, 17\n": {"NVIDIA A10", 23028 << 20, 0},
		"NVIDIA GB10, [N/A], [N/A]\n":                   {Name: "NVIDIA GB10"},
		"No devices were found\n":                       {},
		"":                                              {},
	} {
		if got := parseGPU(out); got != want {
			t.Errorf("%q: %+v, want %+v", out, got, want)
		}
	}
}

// TestHostMemory: of what the machine and the control groups leave, the least counts.
func TestHostMemory(t *testing.T) {
	const free = "MemTotal: 4000 kB\nMemAvailable:    1000 kB\n"
	for _, c := range []struct {
		name   string
		files  map[string]string
		want   int64
		source string
	}{
		{"nothing known", nil, 0, ""},
		{"no limit", map[string]string{"meminfo": free, "group/memory.max": "max\n"}, 1000 << 10, "MemAvailable"},
		{"version 2", map[string]string{"meminfo": free, "own": "0::/a/b\n", "group/a/memory.max": "600000",
			"group/a/memory.current": "500000",
			"group/a/b/memory.max":   "max", "group/a/memory.stat": "anon 5\ninactive_file 1000\n"}, 101000, "the control group's limit"},
		{"the tightest", map[string]string{"meminfo": free, "own": "0::/a/b\n", "group/a/memory.max": "600000",
			"group/a/memory.current": "500000",
			"group/a/b/memory.max":   "70000", "group/a/b/memory.current": "20000"}, 50000, "the control group's limit"},
		{"version 1", map[string]string{"meminfo": free, "own": "5:cpu:/x\n4:memory:/y\n",
			"group/memory/y/memory.limit_in_bytes": "600000",
			"group/memory/y/memory.usage_in_bytes": "100000"}, 500000, "the control group's limit"},
		{"both, the limit in version 1", map[string]string{"meminfo": free, "own": "4:memory:/x\n0::/\n",
			"group/memory/x/memory.limit_in_bytes": "600000",
			"group/memory/x/memory.usage_in_bytes": "100000"}, 500000, "the control group's limit"},
		{"both, the limit in version 2", map[string]string{"meminfo": free, "own": "9:name=systemd:/z\n4:cpu,memory:/x\n0::/y\n",
			"group/memory/x/memory.limit_in_bytes": "9223372036854771712",
			"group/memory/x/memory.usage_in_bytes": "1", "group/unified/y/memory.max": "500000",
			"group/unified/y/memory.current": "200000"}, 300000, "the control group's limit"},
		{"both, limited", map[string]string{"meminfo": free, "own": "4:memory:/x\n0::/y\n",
			"group/memory/x/memory.limit_in_bytes": "600000",
			"group/memory/x/memory.usage_in_bytes": "100000", "group/y/memory.max": "500000",
			"group/y/memory.current": "200000"}, 300000, "the control group's limit"},
		{"version 1 without a limit", map[string]string{"meminfo": free, "own": "4:memory:/\n",
			"group/memory/memory.limit_in_bytes": "9223372036854771712",
			"group/memory/memory.usage_in_bytes": "1"}, 1000 << 10, "MemAvailable"},
		{"a limit above what is there", map[string]string{"meminfo": free, "group/memory.max": "9000000", "group/memory.current": "1"},
			1000 << 10, "MemAvailable"},
		{"over the limit", map[string]string{"meminfo": free, "group/memory.max": "10", "group/memory.current": "90"}, 1,
			"the control group's limit"},
		{"used up", map[string]string{"meminfo": free, "own": "0::/a\n", "group/a/memory.max": "1000",
			"group/a/memory.current": "1000"}, 1, "the control group's limit"},
		{"used up, and nothing else is known", map[string]string{"group/memory.max": "1000", "group/memory.current": "1000"}, 1,
			"the control group's limit"},
		{"the group above is used up", map[string]string{"meminfo": free, "own": "0::/a/b\n", "group/a/memory.max": "1000",
			"group/a/memory.current": "1000", "group/a/b/memory.max": "100000"}, 1, "the control group's limit"},
		{"damaged", map[string]string{"meminfo": "MemAvailable: many kB\n", "own": "::\n:::\n", "group/memory.max": "1e9\n"}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range c.files {
				path := filepath.Join(root, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, source := hostMemory(filepath.Join(root, "meminfo"), filepath.Join(root, "group"), filepath.Join(root, "own"))
			if got != c.want || source != c.source {
				t.Errorf("%d by %q, want %d by %q", got, source, c.want, c.source)
			}
		})
	}
}
