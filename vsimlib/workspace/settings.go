// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"

	"vsim/vsimlib/recipe"
)

// setEnv is the variable with changes of the scale's preset.
const setEnv = "VSIM_SET"

// changes checks assignments "section.name=value" on a scale's preset and writes them as one text: each setting once, with its last
// value, in the order of the names.
func changes(scale string, assignments []string) (string, error) {
	r, err := recipe.Load(scale)
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	for _, assignment := range assignments {
		if err := r.Set(assignment); err != nil {
			return "", err
		}
		name, value, _ := strings.Cut(assignment, "=")
		values[name] = value
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+"="+values[name])
	}
	return strings.Join(list, " "), nil
}

// Settings lists the changes of the scale's preset, each "section.name=value".
func (w Workspace) Settings() []string { return strings.Fields(w.Set) }

// Recipe is the preset of the scale as the n-th of the six members, with the workspace's settings and then others changed.
func (w Workspace) Recipe(member int, set ...string) (recipe.Recipe, error) {
	r, err := recipe.Load(w.Scale)
	if err != nil {
		return recipe.Recipe{}, err
	}
	if err := r.Member(member); err != nil {
		return recipe.Recipe{}, err
	}
	for _, assignment := range append(w.Settings(), set...) {
		if err := r.Set(assignment); err != nil {
			return recipe.Recipe{}, err
		}
	}
	return r, r.Validate()
}

// longest is how many bytes of settings the name of a folder has at most.
const longest = 120

var notInNames = regexp.MustCompile(`[^A-Za-z0-9._=+-]+`)

// folder is the name of the runs folder: the scale and, so that the runs of different settings are apart, the settings.
func (w Workspace) folder() string {
	if w.Set == "" {
		return w.Scale
	}
	name := strings.ReplaceAll(w.Set, " ", ",")
	if clean := notInNames.ReplaceAllString(name, ","); clean != name || len(clean) > longest {
		sum := sha256.Sum256([]byte(name))
		name = clean[:min(len(clean), longest)] + "," + hex.EncodeToString(sum[:4])
	}
	return w.Scale + "," + name
}
