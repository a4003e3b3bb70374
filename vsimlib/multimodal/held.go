// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
)

// checkManifest compares a model directory with the manifest that lists it, its own or that of the run that it is the model of; a
// directory that no manifest lists passes. The error names the first file that is missing or altered.
func checkManifest(dir string) error {
	own, err := manifest.Read(dir)
	switch {
	case err == nil:
		return firstProblem(own, "", "make the model again, with --force")
	case !errors.Is(err, manifest.ErrNone):
		return fmt.Errorf("%w; make the model again, with --force", err)
	}
	dir = filepath.Clean(dir)
	if name := filepath.Base(dir); name == "." || name == ".." {
		if dir, err = filepath.Abs(dir); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	prefix := filepath.Base(dir) + "/"
	runs, err := manifest.Read(filepath.Dir(dir))
	if errors.Is(err, manifest.ErrNone) || err == nil && !runs.Has(prefix+run.WeightsFile) {
		return nil
	}
	const remedy = "the command that made the run makes it again"
	if err != nil {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	return firstProblem(runs, prefix, remedy)
}

// firstProblem is that of the files whose name begins with prefix. The bytes of config.json are always read: loading needs them,
// and nothing else has their checksum.
func firstProblem(m *manifest.Manifest, prefix, remedy string) error {
	for _, p := range m.Check(func(name string) bool { return strings.HasPrefix(name, prefix) }) {
		return fmt.Errorf("%w; %s", p, remedy)
	}
	if config := prefix + run.ConfigFile; m.Has(config) {
		if _, err := m.ReadFile(config); err != nil {
			return fmt.Errorf("%w; %s", err, remedy)
		}
	}
	return nil
}
