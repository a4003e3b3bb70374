// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bufio"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"golang.org/x/sys/cpu"
)

// Host is this build of vsim on this processor, without a backend and a device.
func Host() Machine { return host() }

var host = sync.OnceValue(func() Machine {
	m := Machine{CPU: Processor(), InstructionSet: instructionSet(), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		m.Revision, _, m.Modified = Revision(info)
	}
	return m
})

// Revision is that of Git from which a build was made, its time, and whether files differed from it; "" where the build does not
// know it.
func Revision(info *debug.BuildInfo) (revision, time string, modified bool) {
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.time":
			time = s.Value
		case "vcs.modified":
			modified = s.Value == "true"
		}
	}
	return revision, time, modified
}

// Processor is the model of the processor, or its architecture where the system does not say the model.
func Processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = f.Close() }()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if key, value, ok := strings.Cut(scan.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// instructionSet lists the extensions of the processor that package cpu found, such as "avx avx2 fma".
func instructionSet() string {
	var names []string
	for _, set := range []any{cpu.X86, cpu.ARM64} {
		v := reflect.ValueOf(set)
		for i := range v.NumField() {
			name, ok := strings.CutPrefix(v.Type().Field(i).Name, "Has")
			if ok && v.Field(i).Kind() == reflect.Bool && v.Field(i).Bool() {
				names = append(names, strings.ToLower(name))
			}
		}
	}
	return strings.Join(names, " ")
}
