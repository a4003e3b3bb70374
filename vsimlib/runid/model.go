// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// Model returns the model directory that path names: itself, or the model of a run directory. The error of a run that is not
// finished says how far it is.
func Model(path string) (string, error) {
	dir := run.Dir(path)
	switch {
	case jsonfile.Exists(filepath.Join(path, run.WeightsFile)):
		return path, nil
	case jsonfile.Exists(filepath.Join(dir.Model(), run.WeightsFile)):
		return dir.Model(), nil
	case jsonfile.Exists(dir.Identity()):
		return "", fmt.Errorf("%s: is a run without a model, %s; the command that started it goes on", path, reached(dir))
	case !jsonfile.Exists(path):
		return "", fmt.Errorf("%s: no such directory", path)
	case isFile(path):
		if folder, err := Model(filepath.Dir(path)); err == nil {
			return "", fmt.Errorf("%s: is a file; give the directory of the model, %s", path, folder)
		}
		return "", fmt.Errorf("%s: is a file, no model directory", path)
	}
	return "", fmt.Errorf("%s: no model directory (it has no %s)", path, run.WeightsFile)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// reached says how far a run is that has no model yet.
func reached(dir run.Dir) string {
	state := "stopped"
	if dir.Busy() {
		state = "running"
	}
	lines, err := run.ReadMetrics(dir.Metrics())
	if err != nil || len(lines) == 0 {
		return state + " before its first step"
	}
	last := lines[len(lines)-1]
	at := fmt.Sprintf("%s at step %.0f", state, last["step"])
	var id Identity
	r, err := recipe.Load(dir.Recipe())
	epoch, ok := last["epoch"].(float64)
	if err != nil || !ok || jsonfile.Read(dir.Identity(), &id) != nil {
		return at
	}
	epochs := r.Pretrain.Epochs + r.Pretrain.PairwiseEpochs
	if id.Stage == "finetune" {
		epochs = r.Finetune.Epochs
	}
	return fmt.Sprintf("%s, epoch %.1f of %d", at, epoch, epochs)
}
