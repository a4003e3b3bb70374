// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"vsim/docker/gpu-aot/card"
	"vsim/docker/gpu-aot/pjrt"
	"vsim/vsimlib/plugin"
)

// expectFile has the limits, below the root of the checkout.
const expectFile = "docker/gpu-aot/expect.json"

// job is a program to compile for a card.
type job struct {
	name, target string
	program      pjrt.Program
}

// check records, compiles, measures and compares; it returns what is not as expected, which it has also said on stderr.
func check(ctx context.Context, o options) (faults []string, err error) {
	expectPath := filepath.Join(o.root, filepath.FromSlash(expectFile))
	expect, err := loadExpectations(expectPath)
	if err != nil {
		return nil, err
	}
	kit, err := findToolkit()
	if err != nil {
		return nil, err
	}
	work, err := filepath.Abs(o.work)
	if err != nil {
		return nil, err
	}
	tools, err := pjrt.Build(ctx, filepath.Join(work, "bin"))
	if err != nil {
		return nil, err
	}
	jobs, err := recordAll(ctx, o, tools, work)
	if err != nil {
		return nil, err
	}
	results, err := compileAll(ctx, o.jobs, tools, kit, filepath.Join(work, "compiled"), jobs)
	if err != nil {
		return nil, err
	}
	if o.record {
		expect.record(o.ran(), o.targets, results)
		if err := expect.write(expectPath); err != nil {
			return nil, err
		}
	}
	for _, r := range results {
		faults = append(faults, expect.faults(r)...)
	}
	faults = append(faults, expect.missing(o.ran(), o.targets, results)...)
	for _, line := range faults {
		say("%s", line)
	}
	for _, line := range expect.outgrown(results) {
		say("%s", line)
	}
	say("%d programs, %d faults", len(results), len(faults))
	return faults, report(o, results, faults)
}

// ran lists the cases in their arithmetics, as names of programs begin.
func (o options) ran() []string {
	var list []string
	for _, c := range o.cases {
		for _, a := range o.arithmetics {
			list = append(list, c+"/"+a)
		}
	}
	return list
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "gpu-aot: "+format+"\n", args...) }

// findToolkit is the compiler's folder: VSIM_GPU_AOT, or the one that vsim setup --gpu-aot installs.
func findToolkit() (pjrt.Toolkit, error) {
	if dir := os.Getenv("VSIM_GPU_AOT"); dir != "" {
		return pjrt.Toolkit(dir), pjrt.Toolkit(dir).Check()
	}
	dir, ok := plugin.GPUCompiler()
	if !ok {
		return "", errors.New("the GPU compiler is not installed; vsim setup --no-jupyter --gpu-aot installs it")
	}
	return pjrt.Toolkit(dir), nil
}

// recordAll runs the cases that are wanted, and those that make their models, and returns what is to be compiled.
func recordAll(ctx context.Context, o options, tools pjrt.Tools, work string) ([]job, error) {
	cpuPlugin, err := plugin.Install(ctx, os.Stderr)
	if err != nil {
		return nil, err
	}
	wanted := needed(o.cases)
	say("building vsim")
	if err := build(ctx, o.root, filepath.Join(work, "bin"), wanted); err != nil {
		return nil, err
	}
	var jobs []job
	for _, a := range arithmetics {
		if !slices.Contains(o.arithmetics, a.Name) {
			continue
		}
		r := recorder{root: o.root, work: filepath.Join(work, "run-"+a.Name), tools: tools, cpuPlugin: cpuPlugin, arithmetic: a}
		if err := os.RemoveAll(r.work); err != nil {
			return nil, err
		}
		for _, c := range wanted {
			say("running %s in %s", c.Name, a.Name)
			programs, err := r.record(ctx, c)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(o.cases, c.Name) {
				continue
			}
			for i, p := range programs {
				for _, target := range o.targets {
					jobs = append(jobs, job{fmt.Sprintf("%s/%s/%d", c.Name, a.Name, i), target, p})
				}
			}
		}
	}
	return jobs, nil
}

// needed lists the named cases and those that they need, in order.
func needed(names []string) []Case {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var list []Case
	for _, c := range slices.Backward(cases) {
		if wanted[c.Name] {
			list = append(list, c)
			for _, name := range c.Needs {
				wanted[name] = true
			}
		}
	}
	slices.Reverse(list)
	return list
}

// compileAll compiles several programs at a time, each different one once, and returns the results in the order of the jobs.
func compileAll(ctx context.Context, atATime int, tools pjrt.Tools, kit pjrt.Toolkit, folder string, jobs []job) ([]Result, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	results, errs := make([]Result, len(jobs)), make([]error, len(jobs))
	locks := map[string]*sync.Mutex{}
	for _, j := range jobs {
		locks[j.id()] = &sync.Mutex{}
	}
	slots := make(chan bool, max(1, atATime))
	var wait sync.WaitGroup
	for i, j := range jobs {
		slots <- true
		wait.Go(func() {
			defer func() { <-slots }()
			locks[j.id()].Lock() // the second of two equal ones finds what the first compiled
			defer locks[j.id()].Unlock()
			results[i], errs[i] = compile(ctx, tools, kit, folder, j)
			if errs[i] == nil {
				say("%d of %d: %s for %s, %.1f s", i+1, len(jobs), j.name, j.target, results[i].CPUSeconds)
			}
		})
	}
	wait.Wait()
	return results, errors.Join(errs...)
}

// id is the same for equal programs for one card.
func (j job) id() string {
	return j.target + "\n" + string(j.program.Options) + "\n" + string(j.program.Code)
}

func compile(ctx context.Context, tools pjrt.Tools, kit pjrt.Toolkit, folder string, j job) (Result, error) {
	compiled, err := tools.Compile(ctx, kit, compilerVersion, folder, j.program, card.Cards[j.target].Target())
	if err != nil {
		return Result{}, fmt.Errorf("%s for %s: %w", j.name, j.target, err)
	}
	r, err := measure(j.name, j.target, j.program, compiled)
	if err != nil {
		return Result{}, fmt.Errorf("%s for %s: %w", j.name, j.target, err)
	}
	return r, nil
}

// compilerVersion names the pinned compiler.
const compilerVersion = "jax-cuda13-pjrt 0.11.2"
