// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
)

// importer is the number of what Import makes of the same files and settings. Raise it where that becomes something else.
const importer = "importer 1"

// settingsOf is all that decides an imported model: the files of the source that Import may read, set and the seed.
func settingsOf(hfDir string, set []string, seed int64) ([]string, error) {
	entries, err := os.ReadDir(hfDir)
	if err != nil {
		return nil, err
	}
	settings := []string{importer, "seed " + strconv.FormatInt(seed, 10)}
	for _, s := range set {
		settings = append(settings, "set "+s)
	}
	for _, e := range entries {
		path := filepath.Join(hfDir, e.Name())
		if !slices.Contains([]string{".json", ".txt", ".safetensors"}, filepath.Ext(path)) || e.Name() == outdir.MarkerFile ||
			e.Name() == outdir.DueFile {
			continue
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // a cache of the hub has links to files
			continue
		}
		file, err := manifest.Hash(path)
		if err != nil {
			return nil, err
		}
		settings = append(settings, fmt.Sprintf("file %s %s", e.Name(), file.SHA256))
	}
	return settings, nil
}

// doneBefore returns the report of the import that made out, where it was made from the same files and settings; else an error.
func doneBefore(hfDir, out string, set []string, seed int64) (Report, error) {
	r := Report{}
	settings, err := settingsOf(hfDir, set, seed)
	if err == nil {
		r.Before, err = manifest.DoneBefore(out, settings, &r)
	}
	if err != nil {
		return Report{}, fmt.Errorf("%s: exists; --force overwrites it (%w)", out, err)
	}
	if !r.Before {
		return Report{}, fmt.Errorf("%s: exists; --force overwrites it", out)
	}
	return r, nil
}
