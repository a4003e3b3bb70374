// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bufio"
	"cmp"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/cpu"
)

// Host is this build of vsim on this processor, without a backend and a device.
func Host() Machine { return host() }

// module is the path of the module that this package belongs to.
const module = "vsim"

var host = sync.OnceValue(func() Machine {
	m := Machine{CPU: Processor(), InstructionSet: instructionSet(), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == module { // another module's program has that one's revision
		m.Revision, _, m.Modified = Revision(info)
	}
	if m.Revision == "" {
		m.Revision, m.Modified = unstamped()
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
func Processor() string { return cmp.Or(strings.Join(CPUInfo("model name"), ""), runtime.GOARCH) }

// CPUInfo returns the values of some of the fields that /proc/cpuinfo has of the first processor, in its order; none where there is
// no such file.
func CPUInfo(names ...string) (values []string) {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	for scan := bufio.NewScanner(f); scan.Scan() && scan.Text() != ""; { // an empty line ends a processor
		if name, value, _ := strings.Cut(scan.Text(), ":"); slices.Contains(names, strings.TrimSpace(name)) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
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
