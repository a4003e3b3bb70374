// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"vsim/docker/gpu-aot/pjrt"
	"vsim/vsimlib/lowering"
	"vsim/vsimlib/proc"
)

// recorder runs vsim so that its programs are recorded.
type recorder struct {
	root       string // of the checkout
	work       string // folder for intermediate files
	tools      pjrt.Tools
	cpuPlugin  string
	arithmetic Arithmetic
}

// The binaries that are recorded, in the folder bin next to the work folder.
const vsimName, goldenName = "vsim", "golden.test"

// The test that runs the golden cases, and its package.
const goldenTest, goldenPackage = "TestGolden", "vsimlib/step"

// build compiles what the cases run: vsim, or the golden cases' test.
func build(ctx context.Context, root, dir string, cases []Case) error {
	commands := map[bool][]string{
		false: {"build", "-o", filepath.Join(dir, vsimName), "./vsimlib/cmd/vsim"},
		true:  {"test", "-c", "-o", filepath.Join(dir, goldenName), "./" + goldenPackage},
	}
	for golden, args := range commands {
		if !slices.ContainsFunc(cases, func(c Case) bool { return c.Golden == golden }) {
			continue
		}
		var tail proc.Tail
		cmd := proc.Command(ctx, "go", args...)
		cmd.Dir, cmd.Stderr = root, &tail
		if err := proc.Run(cmd); err != nil {
			return fmt.Errorf("go %s: %s", args[0], tail.LastLine())
		}
	}
	return nil
}

// record runs the commands of a case and returns the different programs that they compiled, in order.
func (r recorder) record(ctx context.Context, c Case) ([]pjrt.Program, error) {
	var list []pjrt.Program
	commands := c.Commands
	if c.Golden {
		commands = [][]string{nil}
	}
	for i, command := range commands {
		dir := filepath.Join(r.work, "recorded", c.Name, strconv.Itoa(i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		if err := r.run(ctx, c, command, dir); err != nil {
			return nil, fmt.Errorf("case %s in %s: %w", c.Name, r.arithmetic.Name, err)
		}
		found, err := pjrt.Recorded(dir)
		if err != nil {
			return nil, err
		}
		if c.Products > 0 {
			found = found[max(0, len(found)-1):] // the smaller ones before it are those of other cases
		}
		if len(command) > 0 && command[0] == "embed" { // it compiles programs side by side, in no fixed order
			slices.SortFunc(found, func(a, b pjrt.Program) int { return bytes.Compare(lowering.Normal(a.Code), lowering.Normal(b.Code)) })
		}
		for _, p := range found {
			same := func(other pjrt.Program) bool {
				return bytes.Equal(p.Code, other.Code) && bytes.Equal(p.Options, other.Options)
			}
			if !slices.ContainsFunc(list, same) {
				list = append(list, p)
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("case %s in %s: no program was recorded", c.Name, r.arithmetic.Name)
	}
	return list, nil
}

// run runs one command of a case and records its programs in dir.
func (r recorder) run(ctx context.Context, c Case, command []string, dir string) error {
	bin := filepath.Join(filepath.Dir(r.work), "bin")
	args := expand(command, filepath.Join(r.root, "data", "emoji"), r.work, r.arithmetic)
	cmd := proc.Command(ctx, filepath.Join(bin, vsimName), args...)
	cmd.Dir = r.root
	if c.Golden {
		cmd = proc.Command(ctx, filepath.Join(bin, goldenName), "-test.run", "^"+goldenTest+"$")
		cmd.Dir = filepath.Join(r.root, filepath.FromSlash(goldenPackage))
	}
	var tail proc.Tail
	cmd.Stdout, cmd.Stderr = &tail, &tail
	cmd.Env = append(os.Environ(), r.tools.RecordEnv(dir, r.cpuPlugin, r.arithmetic.Options, c.Products)...)
	cmd.Env = append(cmd.Env, "VSIM_GOLDEN=", "VSIM_GOLDEN_DTYPE="+r.arithmetic.DType)
	err := proc.Run(cmd)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.Products > 0 && errors.As(err, &exit) && exit.ExitCode() == pjrt.Stopped:
		return nil
	case c.Products > 0 && err == nil:
		return fmt.Errorf("no program of %d products was compiled", c.Products)
	case err != nil:
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, tail.LastLine())
	}
	return nil
}
