// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"fmt"
	"path/filepath"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// open opens an embeddings file. The error of a run or a model in its place says how it becomes embeddings.
func open(path string) (*safetensors.File, error) {
	f, err := safetensors.Open(path)
	if err == nil || !filetype.IsIrregular(err) {
		return f, err
	}
	what := ""
	switch dir := run.Dir(path); {
	case jsonfile.Exists(dir.Identity()):
		what = "run"
	case jsonfile.Exists(filepath.Join(path, run.WeightsFile)):
		what = "model"
	default:
		return nil, err
	}
	return nil, fmt.Errorf("%s: is a %s, no embeddings file; vsim embed --model %s makes embeddings with it", path, what, path)
}
