// SPDX-License-Identifier: Apache-2.0

// Package gloss reads English names of videos, for readers of notebooks who do not read the titles' language. No model sees them.
package gloss

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/lines"
)

// Names are English names by video id.
type Names map[int64]string

// Read reads the names of a corpus directory: title_names.tsv, of which a line is id TAB title TAB English name. A corpus without
// that file has none; a line of another form is an error that names it.
func Read(corpusDir string) (Names, error) {
	names := Names{}
	var bad error
	err := lines.Scan(filepath.Join(corpusDir, competition.TitleNamesFile), competition.TitleNamesFile,
		func(line []byte, at lines.Position, reason string) bool {
			fields := strings.Split(string(line), "\t")
			if reason == "" && len(fields) != 3 {
				reason = fmt.Sprintf("%d columns, want id TAB title TAB English name", len(fields))
			}
			if reason == "" {
				id, err := strconv.ParseInt(fields[0], 10, 64)
				if err != nil {
					reason = fmt.Sprintf("invalid id %q", fields[0])
				}
				names[id] = fields[2]
			}
			if reason != "" {
				bad = fmt.Errorf("%s:%d: %s", competition.TitleNamesFile, at.Number, reason)
			}
			return bad == nil
		})
	if errors.Is(err, fs.ErrNotExist) {
		return names, nil
	}
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	return names, nil
}

// Beside is a title with its English name in brackets, or the title alone where it has none.
func Beside(title, english string) string {
	if english == "" {
		return title
	}
	return title + " (" + english + ")"
}
