// SPDX-License-Identifier: Apache-2.0

package pjrt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/jsonfile"
)

// Toolkit is a folder with XLA's CUDA plugin and with what it compiles by, laid out as XLA looks for it.
type Toolkit string

// files are those of a toolkit.
var files = []string{pluginFile, "bin/ptxas", "nvvm/libdevice/libdevice.10.bc"}

const pluginFile = "plugin/xla_cuda_plugin.so"

// Check reports what is missing.
func (t Toolkit) Check() error {
	var missing []error
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(string(t), filepath.FromSlash(name))); err != nil {
			missing = append(missing, err)
		}
	}
	return errors.Join(missing...)
}

// Plan is what the compiler says of a program: processor time, and bytes of memory on each device.
type Plan struct {
	CPUSeconds  float64 `json:"cpu_seconds"`
	Arguments   int64   `json:"arguments"`
	Results     int64   `json:"results"`
	Aliased     int64   `json:"aliased"` // of the results, in the memory of arguments
	Temporaries int64   `json:"temporaries"`
	Peak        int64   `json:"peak"`
}

// Compiled is a program compiled for a card, or why it cannot be.
type Compiled struct {
	Plan
	Failure string
	HLO     []byte // the optimised program; none after a failure
}

// Compile compiles a program for a card of the given target. The files are in folder: a program that an earlier call compiled for
// the same target, with a compiler of the same version, is read from there. A program that the compiler refuses is not an error.
func (t Tools) Compile(ctx context.Context, kit Toolkit, version, folder string, p Program, target string) (Compiled, error) {
	devices, err := p.Devices()
	if err != nil {
		return Compiled{}, err
	}
	topology := fmt.Sprintf("1x1x%d", devices)
	base := filepath.Join(folder, key(version, t.Source, topology, target, string(p.Options), string(p.Code)))
	if c, err := read(base); err == nil {
		return c, nil
	}
	for name, data := range map[string][]byte{".target": []byte(target), ".options": p.Options, ".mlir": p.Code} {
		if err := os.WriteFile(base+name, data, 0o644); err != nil {
			return Compiled{}, err
		}
	}
	env := []string{"XLA_FLAGS=--xla_gpu_cuda_data_dir=" + string(kit), "TF_CPP_MIN_LOG_LEVEL=3"}
	plugin := filepath.Join(string(kit), filepath.FromSlash(pluginFile))
	args := []string{plugin, base + ".target", topology, base + ".mlir", base + ".options", base + ".hlo"}
	out, err := run(ctx, env, t.Compiler, args...)
	if ctx.Err() != nil {
		return Compiled{}, ctx.Err()
	}
	var c Compiled
	if err != nil { // not stored: the reason may be a lack of memory
		return Compiled{Failure: err.Error()}, nil
	}
	if err := json.Unmarshal([]byte(out), &c.Plan); err != nil {
		return Compiled{}, fmt.Errorf("aotc printed %q: %w", out, err)
	}
	if err := jsonfile.Write(base+".json", c.Plan); err != nil {
		return Compiled{}, err
	}
	return read(base)
}

// read reads what Compile wrote; the JSON file comes last, so where it is, all is.
func read(base string) (c Compiled, err error) {
	if err := jsonfile.Read(base+".json", &c.Plan); err != nil {
		return c, err
	}
	c.HLO, err = os.ReadFile(base + ".hlo")
	return c, err
}

// key names what depends on the parts, and on nothing else.
func key(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d\n%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
