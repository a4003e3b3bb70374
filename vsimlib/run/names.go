// SPDX-License-Identifier: Apache-2.0

package run

import (
	"path/filepath"
	"slices"
	"strings"
)

// stageNames are folders that say only what a run does, not which run it is.
var stageNames = []string{"pretrain", "finetune", "run"}

// Names gives runs names by the ends of their paths: the last element, or the one before where the last says only the stage; longer
// ones where these are the same.
func Names(dirs []string) []string {
	names := make([]string, len(dirs))
	for i, dir := range dirs {
		dir = filepath.Clean(dir)
		if names[i] = filepath.Base(dir); slices.Contains(stageNames, names[i]) && named(filepath.Dir(dir)) {
			names[i] = filepath.Base(filepath.Dir(dir))
		}
	}
	for length := 2; repeated(names) && length < 16; length++ {
		for i, dir := range dirs {
			path := strings.Split(filepath.Clean(dir), string(filepath.Separator))
			names[i] = filepath.Join(path[max(0, len(path)-length):]...)
		}
	}
	return names
}

// named reports whether a folder has a name of its own.
func named(dir string) bool { return dir != "." && dir != string(filepath.Separator) }

// repeated reports whether a name is there twice.
func repeated(names []string) bool {
	sorted := slices.Sorted(slices.Values(names))
	return len(slices.Compact(sorted)) < len(names)
}
