// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/workspace"
)

// openCorpus opens the workspace and its corpus, with a recipe resolved on it.
func openCorpus(r recipe.Recipe) (workspace.Workspace, *inspect.Source, error) {
	w, err := workspace.Open()
	if err != nil {
		return w, nil, err
	}
	s, err := inspect.Open(w.Corpus, r)
	return w, s, err
}

// openPreset is openCorpus with the preset of the scale.
func openPreset() (workspace.Workspace, *inspect.Source, error) {
	r, err := Recipe(1)
	if err != nil {
		return workspace.Workspace{}, nil, err
	}
	return openCorpus(r)
}

// saved puts a value that was computed without an error under a key of a results file, and passes both on.
func saved[T any](w workspace.Workspace, results, key string, value T, err error) (T, error) {
	if err == nil {
		err = w.SaveResult(results, key, value)
	}
	return value, err
}
