// SPDX-License-Identifier: Apache-2.0

// Package looks is what the cells of a notebook look at: records, batches, labels and models of a workspace, found by name,
// inspected by package inspect, and saved under a key of a results file. It shows nothing.
package looks

import (
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/workspace"
)

// Open opens the workspace and its corpus, with a recipe resolved on it.
func Open(r recipe.Recipe) (workspace.Workspace, *inspect.Source, error) {
	w, err := workspace.Open()
	if err != nil {
		return w, nil, err
	}
	s, err := inspect.Open(w.Corpus, r)
	return w, s, err
}

// Preset is Open with the preset of the scale.
func Preset() (workspace.Workspace, *inspect.Source, error) {
	w, err := workspace.Open()
	if err != nil {
		return w, nil, err
	}
	r, err := w.Recipe(1)
	if err != nil {
		return w, nil, err
	}
	s, err := inspect.Open(w.Corpus, r)
	return w, s, err
}

// Saved puts a value that was computed without an error under a key of a results file, and passes both on.
func Saved[T any](w workspace.Workspace, file, key string, value T, err error) (T, error) {
	if err == nil {
		err = w.SaveResult(file, key, value)
	}
	return value, err
}
