// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lock"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/proc"
)

// Setup installs what is missing of Jupyter and the GoNB kernel into the checkout and returns the names of the parts it
// installed; it does nothing where everything is installed. Progress is written to log. A set-up that was stopped continues
// when called again, and parallel calls, of other processes too, install once.
func Setup(ctx context.Context, root string, log io.Writer) (installed []string, err error) {
	return setup(ctx, root, log, func(p checkout) []part { return p.parts() })
}

// SetupLab is Setup with gopls, which JupyterLab uses for completion and headless runs do not need. A failure to build
// gopls is written to log and is no error: the kernel works without it.
func SetupLab(ctx context.Context, root string, log io.Writer) (installed []string, err error) {
	return setup(ctx, root, log, func(p checkout) []part { return append(p.parts(), p.gopls()) })
}

// SetupTools is Setup without the parts that are made of the whole checkout, and with gopls where asked for: a layer of an image
// has only this package yet, and Setup does the rest.
func SetupTools(ctx context.Context, root string, log io.Writer, gopls bool) (installed []string, err error) {
	return setup(ctx, root, log, func(p checkout) []part {
		parts := slices.DeleteFunc(p.parts(), func(part part) bool { return part.whole })
		if gopls {
			parts = append(parts, p.gopls())
		}
		return parts
	})
}

// part is one thing to install: it is there when its stamp file holds its key and its files exist.
type part struct {
	name   string
	what   string // for the log
	into   string // the folder, for the log; "" for that of the checkout
	stamp  string // path of the stamp file
	key    string // what the part is made of
	latest string // a longer key: where it alone has changed, the part works, and Setup builds it anew
	files  []string
	build  func(ctx context.Context, log io.Writer) error
	extra  bool // a failure is logged, not returned
	whole  bool // it is made of the whole checkout
}

func setup(ctx context.Context, root string, log io.Writer, list func(checkout) []part) (installed []string, err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("jupyter: %w", err)
	}
	p := checkout{root}
	parts := list(p)
	if len(outdated(parts)) == 0 {
		return nil, nil
	}
	if _, err := outdir.Check(p.dir(), p.kind()); err != nil {
		return nil, fmt.Errorf("jupyter: %w", err)
	}
	unlock, err := lock.Wait(ctx, p.lock(), func() {
		_, _ = fmt.Fprintln(log, "vsim: waiting for another process that is setting up Jupyter")
	})
	if err != nil {
		return nil, fmt.Errorf("jupyter: %w", err)
	}
	defer unlock()
	if err := outdir.Take(p.dir(), p.kind()); err != nil {
		return nil, fmt.Errorf("jupyter: %w", err)
	}
	for _, part := range outdated(parts) {
		_, _ = fmt.Fprintf(log, "vsim: installing %s into %s\n", part.what, cmp.Or(part.into, p.dir()))
		err := part.install(ctx, log)
		switch {
		case ctx.Err() != nil:
			return installed, fmt.Errorf("jupyter: installing %s: %w", part.name, ctx.Err())
		case err != nil && part.extra:
			_, _ = fmt.Fprintf(log, "vsim: going on without %s: %v\n", part.name, err)
			continue
		case err != nil:
			return installed, fmt.Errorf("jupyter: installing %s: %w", part.name, err)
		}
		installed = append(installed, part.name)
	}
	return installed, nil
}

// kind is that of the folder that Jupyter is set up in. One that the user's own Jupyter made, for a checkout that is a home folder,
// is not it.
func (p checkout) kind() outdir.Kind {
	return outdir.Kind{Name: "set-up", Made: func(string) bool {
		_, err := os.Stat(p.lock())
		return err == nil
	}}
}

// missing lists the parts that are not there as they should be.
func missing(parts []part) []part {
	return slices.DeleteFunc(slices.Clone(parts), part.installed)
}

// outdated lists the parts that are missing, or were built of older sources.
func outdated(parts []part) []part {
	return slices.DeleteFunc(slices.Clone(parts), func(p part) bool {
		stamp, err := filetype.ReadFile(p.stamp)
		return err == nil && string(stamp) == p.key+p.latest && p.installed()
	})
}

// installed reports whether the part is completely installed.
func (p part) installed() bool {
	stamp, err := filetype.ReadFile(p.stamp)
	if err != nil || !strings.HasPrefix(string(stamp), p.key) {
		return false
	}
	for _, file := range p.files {
		if _, err := os.Stat(file); err != nil {
			return false
		}
	}
	return true
}

// install builds the part and stamps it last, so that one that was stopped half way is built again.
func (p part) install(ctx context.Context, log io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(p.stamp), 0o755); err != nil {
		return err
	}
	if err := os.Remove(p.stamp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := p.build(ctx, log); err != nil {
		return err
	}
	aside := p.stamp + ".tmp"
	if err := os.MkdirAll(filepath.Dir(aside), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(aside, []byte(p.key+p.latest), 0o644); err != nil {
		return err
	}
	return os.Rename(aside, p.stamp)
}

// run runs a child that ends with this process; its error is the last line that says "error".
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%s is not on PATH", name)
	}
	var tail proc.Tail
	cmd := proc.Command(ctx, path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &tail, &tail
	if err := proc.Run(cmd); err != nil {
		if line := tail.LastError(); line != "" {
			return fmt.Errorf("%s: %s", commandName(name, args), line)
		}
		return fmt.Errorf("%s: %w", commandName(name, args), err)
	}
	return nil
}

// commandName is a command's name and verb, for messages.
func commandName(name string, args []string) string {
	words := []string{filepath.Base(name)}
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") && !strings.Contains(arg, string(filepath.Separator)) {
			return strings.Join(append(words, arg), " ")
		}
	}
	return words[0]
}
