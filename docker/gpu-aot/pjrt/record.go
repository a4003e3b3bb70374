// SPDX-License-Identifier: Apache-2.0

package pjrt

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"vsim/vsimlib/compilecache/ondisk"
)

// Stopped is the exit code of a process that the recording plugin ended because it had seen the program that it waited for.
const Stopped = 42

// RecordEnv returns the environment variables with which a process that uses GoMLX makes its programs for a GPU, records them in
// dir and runs them on the CPU plugin. Options are go-xla's, as "tf32=false". A process that compiles a program of at least stop
// products ends there; with 0 none does.
func (t Tools) RecordEnv(dir, cpuPlugin, options string, stop int) []string {
	backend := "xla:" + t.Shim
	if options != "" {
		backend += "," + options
	}
	env := []string{
		"GOMLX_BACKEND=" + backend, "VSIM_AOT_DIR=" + dir, "VSIM_AOT_CPU_PLUGIN=" + cpuPlugin,
		// The CPU's results and speed do not matter here, only how long it compiles.
		"XLA_FLAGS=--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
		"GOPJRT_CUDA_CHECKS=0", // no looking for NVIDIA's libraries
		ondisk.Env + "=off",    // a program from vsim's files would not be seen
	}
	if stop > 0 {
		env = append(env, "VSIM_AOT_STOP="+strconv.Itoa(stop))
	}
	return env
}

// Program is a recorded program.
type Program struct {
	Code    []byte // StableHLO, as MLIR's text
	Options []byte // a serialised xla.CompileOptionsProto
}

// Recorded reads the programs of a folder in the order in which they were compiled.
func Recorded(dir string) ([]Program, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.mlir"))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b string) int { return number(a) - number(b) })
	var list []Program
	for _, file := range files {
		var p Program
		if p.Code, err = os.ReadFile(file); err != nil {
			return nil, err
		}
		if p.Options, err = os.ReadFile(strings.TrimSuffix(file, "mlir") + "options"); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// number is that of a recorded program's file.
func number(file string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(filepath.Base(file), ".mlir"))
	return n
}

// AliasesAsked is how many results the program wants in the memory of an argument.
func (p Program) AliasesAsked() int { return bytes.Count(p.Code, []byte("tf.aliasing_output")) }

// Products is how many products of matrices the program has.
func (p Program) Products() int { return bytes.Count(p.Code, []byte("stablehlo.dot_general")) }

// Devices is how many devices the program is for, by its options: replicas times partitions.
func (p Program) Devices() (int, error) {
	const buildOptions, replicas, partitions = 3, 4, 5 // of CompileOptionsProto, and twice of ExecutableBuildOptionsProto
	build, _, err := lookup(p.Options, buildOptions)
	if err != nil {
		return 0, err
	}
	devices := 1
	for _, number := range []protowire.Number{replicas, partitions} {
		_, n, err := lookup(build, number)
		if err != nil {
			return 0, err
		}
		devices *= max(1, int(n))
	}
	return devices, nil
}

// lookup finds a field of a message: a message's bytes, or a varint's value.
func lookup(message []byte, wanted protowire.Number) (data []byte, value uint64, err error) {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, 0, fmt.Errorf("compile options: %w", protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(number, kind, message[n:])
		if size < 0 {
			return nil, 0, fmt.Errorf("compile options: %w", protowire.ParseError(size))
		}
		if number == wanted {
			switch kind {
			case protowire.BytesType:
				data, _ = protowire.ConsumeBytes(message[n:])
			case protowire.VarintType:
				value, _ = protowire.ConsumeVarint(message[n:])
			}
		}
		message = message[n+size:]
	}
	return data, value, nil
}
