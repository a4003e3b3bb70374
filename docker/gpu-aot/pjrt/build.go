// SPDX-License-Identifier: Apache-2.0

// Package pjrt builds and runs the two C programs of the check, over the PJRT C API: a plugin that records the programs that vsim
// would compile for a GPU, and a compiler of such a program for an absent GPU. go-xla has no calls for topologies and for
// compiling without devices, so they are C. They are built when they are needed, since the header is in the folder of go-xla's
// module.
package pjrt

import (
	"context"
	"embed"
	"os"
	"path/filepath"
	"strings"
)

//go:embed c/shim.c c/aotc.c
var sources embed.FS

// ShimName is the file name of the recording plugin, by which go-xla takes it for CUDA's.
const ShimName = "pjrt_c_api_cuda_plugin.so"

// Tools are the two programs.
type Tools struct {
	Shim     string // the recording plugin
	Compiler string
	Source   string // the compiler's source, which is part of the name of what it compiled
}

// Build compiles the two programs into dir. It needs a C compiler, CC or gcc, and a checkout as the working directory.
func Build(ctx context.Context, dir string) (Tools, error) {
	out, err := run(ctx, nil, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla")
	if err != nil {
		return Tools{}, err
	}
	header := filepath.Join(strings.TrimSpace(out), "pjrt")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Tools{}, err
	}
	t := Tools{Shim: filepath.Join(dir, ShimName), Compiler: filepath.Join(dir, "aotc")}
	for _, program := range []struct {
		source, out string
		flags       []string
	}{
		{"shim.c", t.Shim, []string{"-shared", "-fPIC", "-pthread"}},
		{"aotc.c", t.Compiler, nil},
	} {
		source, err := sources.ReadFile("c/" + program.source)
		if err != nil {
			return Tools{}, err
		}
		t.Source = string(source)
		path := filepath.Join(dir, program.source)
		if err := os.WriteFile(path, source, 0o644); err != nil {
			return Tools{}, err
		}
		args := []string{"-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-I" + header, "-o", program.out, path}
		args = append(args, program.flags...)
		if _, err := run(ctx, nil, compiler(), append(args, "-ldl")...); err != nil {
			return Tools{}, err
		}
	}
	return t, nil
}

func compiler() string {
	if cc := os.Getenv("CC"); cc != "" {
		return cc
	}
	return "gcc"
}
