// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"vsim/vsimlib/proc"
)

// buildVenv makes the virtual environment anew and installs the pinned packages. Virtual environments hold absolute
// paths, so it is made in place; the stamp, written last, says that it is whole.
func (p checkout) buildVenv(ctx context.Context, _ io.Writer) error {
	python, err := findPython(ctx)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(p.venv()); err != nil {
		return err
	}
	env := append(p.env(os.Environ(), false), "PIP_USER=0", "PIP_REQUIRE_VIRTUALENV=0")
	// Without pip of its own the environment is there at once; python3's pip installs into it as well.
	if err := run(ctx, p.root, env, python, "-m", "venv", "--without-pip", p.venv()); err != nil {
		return fmt.Errorf("%w (Debian: install python3-venv)", err)
	}
	pip := []string{python, "-m", "pip", "--python", p.python()}
	if run(ctx, p.root, env, pip[0], append(pip[1:], "--version")...) != nil {
		if err := run(ctx, p.root, env, p.python(), "-m", "ensurepip"); err != nil {
			return fmt.Errorf("python3 has neither a recent pip nor ensurepip: %w; install one (Debian: python3-pip)", err)
		}
		pip = []string{p.python(), "-m", "pip"}
	}
	file := filepath.Join(p.venv(), "requirements.txt")
	if err := os.WriteFile(file, []byte(requirements), 0o644); err != nil {
		return err
	}
	args := append(pip[1:], "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-script-location",
		"--no-deps", "--require-hashes", "--only-binary=:all:", "-r", file)
	return run(ctx, p.root, env, pip[0], args...)
}

// findPython is the path of a python3 that is new enough.
func findPython(ctx context.Context) (string, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return "", fmt.Errorf("python3 is not on PATH; %s", needPython)
	}
	var out proc.Tail
	cmd := proc.Command(ctx, python, "-c", "import sys; print('%d %d' % sys.version_info[:2])")
	cmd.Stdout = &out
	if err := proc.Run(cmd); err != nil {
		return "", fmt.Errorf("%s does not run: %w", python, err)
	}
	version := strings.Fields(out.LastLine())
	if len(version) == 2 && version[0] == "3" {
		if minor, err := strconv.Atoi(version[1]); err == nil && minor >= minPythonMinor {
			return python, nil
		}
	}
	return "", fmt.Errorf("%s is Python %s; %s", python, strings.Join(version, "."), needPython)
}
