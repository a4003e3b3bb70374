// SPDX-License-Identifier: Apache-2.0

// Package ondisk keeps what XLA compiles in files, so that the next process loads a program in a fraction of a second instead of
// compiling it for several. It replaces one entry in the plugin's table of functions, PJRT_Client_Compile, so that every program of
// the process passes through it. A program is found again only with the same text, options, plugin, platform,
// device, processor, number of processors and XLA flags; what the plugin refuses to load is compiled.
//
// go-xla v0.4.1 has no calls for serialized executables (PJRT_Executable_Serialize, PJRT_Executable_DeserializeAndLoad). With them,
// and a hook in its Client.Compile, the C files of this package could go.
package ondisk

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/pjrttable"
	"vsim/vsimlib/provenance"
)

// Env is the environment variable that names another folder for compiled programs, or says Off.
const (
	Env = "VSIM_COMPILE_CACHE"
	Off = "off"
)

// worthSaving is the time that a program takes to compile, from which on it is written: smaller ones compile as fast as they load.
const worthSaving = 100 * time.Millisecond

// current is the process's store: a plugin has one table.
var current *store

// Plugin is a plugin that the process has loaded.
type Plugin struct {
	pjrttable.Plugin
	Identity string // tells its build from others, such as its sha256
}

// Use makes a plugin keep its programs in files. An error means that nothing is kept, and all else works.
func Use(plugin Plugin) error {
	dir, err := folder()
	if err != nil || dir == "" || current != nil {
		return err
	}
	if err := cachedir.Make(dir); err != nil {
		return fmt.Errorf("compiled programs are not kept: %w", err)
	}
	current = &store{dir: dir, limit: sizeLimit, machine: plugin.Identity + "\n" + machine()}
	if err := install(plugin); err != nil {
		current = nil
		return err
	}
	return nil
}

// Usage returns the folder of compiled programs, how many it has, and their bytes; "" where none are kept.
func Usage() (dir string, programs int, size int64) {
	dir, err := folder()
	if err != nil || dir == "" {
		return "", 0, 0
	}
	infos, _ := list(dir)
	for _, info := range infos {
		size += info.Size()
	}
	return dir, len(infos), size
}

// Counts returns how many programs were loaded from files, and how many were compiled, in this process.
func Counts() (loaded, compiled int) {
	if current == nil {
		return 0, 0
	}
	return int(current.hits.Load()), int(current.compiled.Load())
}

// folder is where programs are kept; "" for nowhere.
func folder() (string, error) {
	switch dir := os.Getenv(Env); dir {
	case Off:
		return "", nil
	case "":
		dir, err := cachedir.Path("programs")
		if err != nil {
			return "", fmt.Errorf("compiled programs are not kept: %w", err)
		}
		return dir, nil
	default:
		return filepath.Abs(dir)
	}
}

// machine describes what else compiled code depends on: processor, number of processors (XLA:CPU divides its work by it), flags.
func machine() string {
	flags := []string{}
	for _, entry := range os.Environ() {
		if strings.HasPrefix(entry, "XLA_") || strings.HasPrefix(entry, "TF_XLA") {
			flags = append(flags, entry)
		}
	}
	slices.Sort(flags)
	return fmt.Sprintf("%s %s %d\n%s\n%s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), strings.Join(flags, "\n"))
}

// processor is the model and all instruction sets of the first processor, also those that package cpu does not know; "" where the
// system does not say them.
func processor() string {
	return strings.Join(provenance.CPUInfo("model name", "flags", "Features"), "\n")
}

// key names a program's file.
type key [sha256.Size]byte

// programKey hashes a program, without its module's name, which GoMLX numbers, and all else that its compiled form depends on.
func programKey(code []byte, others ...[]byte) (k key) {
	h := sha256.New()
	for _, part := range append([][]byte{withoutName(code)}, others...) {
		fmt.Fprintf(h, "%d\n", len(part))
		h.Write(part)
	}
	h.Sum(k[:0])
	return k
}

// withoutName cuts the module's name off StableHLO text that begins with "module @NAME".
func withoutName(code []byte) []byte {
	text, ok := strings.CutPrefix(string(code[:min(len(code), 512)]), "module @")
	if !ok {
		return code
	}
	end := strings.IndexAny(text, " {\n")
	if end < 0 {
		return code
	}
	return code[len("module @")+end:]
}

// store is a folder of compiled programs.
type store struct {
	dir            string
	limit          int64 // bytes of all programs
	machine        string
	hits, compiled atomic.Int64
}
