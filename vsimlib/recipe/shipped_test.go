// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"path/filepath"
	"testing"
)

// TestShippedRecipes loads the recipe files that the README's commands name.
func TestShippedRecipes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "data", "recipe-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recipe files (%v)", err)
	}
	for _, file := range files {
		r, err := Load(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
