// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"strings"
	"testing"
)

// FuzzSystem: what /proc, control groups and nvidia-smi say is a number or nothing, whatever it is.
func FuzzSystem(f *testing.F) {
	for _, s := range []string{"", "MemAvailable:    1000 kB\n", "MemAvailable: -1 kB", "MemAvailable:9223372036854775807 kB",
		"0::/a\n4:cpu,memory:/b",
		":::::", "NVIDIA H100, 81559, 1234\n", "a,99999999999999999999,-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n := fieldOf(strings.NewReader(text), "MemAvailable"); n < 0 {
			t.Errorf("MemAvailable %d of %q", n, text)
		}
		ownGroups(text)
		if g := parseGPU(text); g.Total < 0 || g.Used < 0 || strings.Contains(g.Name, "\n") {
			t.Errorf("%+v of %q", g, text)
		}
	})
}
