// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Origin is in the manifest of a directory that is made as a whole: what its command made it from, and reported. Directories of
// older versions have none.
type Origin struct {
	Settings []string        `json:"settings"` // all that decides the files; the same ones give the same files
	Result   json.RawMessage `json:"result"`
}

// NewOrigin returns the origin with the result of a command.
func NewOrigin(settings []string, result any) (*Origin, error) {
	data, err := json.Marshal(result)
	return &Origin{settings, data}, err
}

// DoneBefore reports whether a directory was made from these settings and holds, and reads the result of that command. Where a file
// is missing or altered, the error is a Problem.
func DoneBefore(dir string, settings []string, result any) (bool, error) {
	m, err := Read(dir)
	if err != nil {
		return false, err
	}
	if m.Origin == nil || !slices.Equal(m.Origin.Settings, settings) {
		return false, nil
	}
	if problems := m.Check(nil); len(problems) > 0 {
		return false, problems[0]
	}
	if err := json.Unmarshal(m.Origin.Result, result); err != nil {
		return false, fmt.Errorf("%s: origin: %w", dir, err)
	}
	return true, nil
}
