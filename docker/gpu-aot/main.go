// SPDX-License-Identifier: Apache-2.0

// Command gpu-aot compiles the programs that vsim makes for absent GPUs and compares what the compiler says with recorded limits.
// See README.md in this folder.
//
//	vsim setup --gpu-aot
//	go run ./docker/gpu-aot
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"vsim/docker/gpu-aot/card"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:])
	if err == nil {
		o.root, err = root(ctx)
	}
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "gpu-aot: %v\n", err)
		os.Exit(2)
	}
	faults, err := check(ctx, o)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gpu-aot: %v\n", err)
		os.Exit(1)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}

// options are those of the command line.
type options struct {
	root        string // of the checkout
	cases       []string
	arithmetics []string
	targets     []string
	out         string
	summary     string
	work        string
	jobs        int
	record      bool
}

// parse reads the command line.
func parse(args []string) (options, error) {
	var small, large, known []string
	for _, c := range cases {
		switch known = append(known, c.Name); {
		case c.Products == 0:
			small = append(small, c.Name)
		case strings.HasPrefix(c.Name, "large"):
			large = append(large, c.Name)
		}
	}
	var o options
	isLarge := false
	flags := pflag.NewFlagSet("gpu-aot", pflag.ContinueOnError)
	flags.StringSliceVar(&o.cases, "cases", small, "ways of using vsim: "+strings.Join(known, ", "))
	flags.BoolVar(&isLarge, "large", false, "BERT-large's step instead of the small cases: minutes and several GB of memory each")
	flags.StringSliceVar(&o.arithmetics, "arithmetic", []string{"float32", "tf32", "bfloat16"}, "ways of multiplying")
	flags.StringSliceVar(&o.targets, "targets", []string{"a100", "h100"}, "cards: a100, h100, h200")
	flags.StringVar(&o.out, "out", "data/runs/gpu-aot/gpu-aot.json", "JSON file to write, with every program")
	flags.StringVar(&o.summary, "summary", "", "JSON file to write, with one line a case")
	flags.StringVar(&o.work, "work", "data/runs/gpu-aot",
		"folder for intermediate files; programs that it has compiled are read from it")
	flags.IntVar(&o.jobs, "jobs", max(1, runtime.NumCPU()/2), "programs compiled at a time")
	flags.BoolVar(&o.record, "record", false, "write expect.json anew from what is measured")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if isLarge {
		o.cases = large
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	var names, cards []string
	for _, a := range arithmetics {
		names = append(names, a.Name)
	}
	for name := range card.Cards {
		cards = append(cards, name)
	}
	slices.Sort(cards)
	for _, choice := range []struct{ what, known []string }{{o.cases, known}, {o.arithmetics, names}, {o.targets, cards}} {
		for _, name := range choice.what {
			if !slices.Contains(choice.known, name) {
				return o, fmt.Errorf("unknown name %q, want one of %s", name, strings.Join(choice.known, ", "))
			}
		}
	}
	return o, nil
}

// root is the folder of the checkout that the working directory is in.
func root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	mod := strings.TrimSpace(string(out))
	if err == nil && filepath.Base(mod) != "go.mod" {
		err = errors.New("the working directory is in no checkout of vsim")
	}
	return filepath.Dir(mod), err
}
