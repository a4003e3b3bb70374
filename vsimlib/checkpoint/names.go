// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"fmt"
	"regexp"
	"strconv"
)

// ManifestFile is the name of the manifest in the directory of a checkpoint.
const ManifestFile = "manifest.json"

// Names of the other files of a checkpoint.
const (
	stateFile   = "state.json"
	groupSuffix = ".safetensors"
)

// stepName is the name that Save uses; Begin takes any other.
const stepName = "step"

var (
	nameRule  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	entryRule = regexp.MustCompile(`^([a-z][a-z0-9_]*)-([0-9]{8,18})$`)
)

// entryName is the directory of a checkpoint.
func entryName(name string, step int) string { return fmt.Sprintf("%s-%08d", name, step) }

// parseEntry is the inverse of entryName; ok is false for any other file.
func parseEntry(entry string) (name string, step int, ok bool) {
	m := entryRule.FindStringSubmatch(entry)
	if m == nil {
		return "", 0, false
	}
	step, err := strconv.Atoi(m[2])
	return m[1], step, err == nil && entryName(m[1], step) == entry
}
