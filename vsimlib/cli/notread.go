// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/tfrecord"
)

// InspectCorpus opens a corpus before long work begins, and warns of what is in its folders and is not read, missing or empty. The
// result of the verb has the names too.
func (a *App) InspectCorpus(dir string) error {
	c, err := corpus.Open(dir)
	if err != nil {
		return err
	}
	a.notRead = NonNil(c.NotRead())
	for _, line := range c.Warnings() {
		a.Warn(line)
	}
	return nil
}

// WarnOfShards warns where record files that were given by name are shards of sets with more of them.
func (a *App) WarnOfShards(files []string) {
	byFolder := map[string][]string{}
	var folders []string
	for _, file := range files {
		dir := filepath.Dir(file)
		if byFolder[dir] == nil {
			folders = append(folders, dir)
		}
		byFolder[dir] = append(byFolder[dir], file)
	}
	for _, dir := range folders {
		if missing := tfrecord.MissingShards(byFolder[dir]); len(missing) > 0 {
			a.Warn(fmt.Sprintf("%s: shards that are not among the files given: %s", dir, strings.Join(missing, ", ")))
		}
	}
}
