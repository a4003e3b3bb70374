// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
)

// ResultsFile is the file of small results of that name.
func (w Workspace) ResultsFile(name string) string { return filepath.Join(w.Results, name+".json") }

// ReadResults reads the results file of that name.
func (w Workspace) ReadResults(name string, into any) error {
	return jsonfile.Read(w.ResultsFile(name), into)
}

// WriteResults writes a value as the whole results file of that name.
func (w Workspace) WriteResults(name string, value any) error {
	if err := os.MkdirAll(w.Results, 0o777); err != nil {
		return err
	}
	return jsonfile.Write(w.ResultsFile(name), value)
}

// SaveResult puts a value into the results file of that name, under a key. The values under other keys stay if they are of
// the same scale. Each key has one line of the file, so that a change is a diff of one line.
func (w Workspace) SaveResult(name, key string, value any) error {
	all := map[string]json.RawMessage{}
	if err := w.ReadResults(name, &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	scale, err := json.Marshal(w.Scale)
	if err != nil {
		return err
	}
	if !bytes.Equal(all["scale"], scale) {
		clear(all) // of another scale
	}
	all["scale"] = scale
	if all["corpus"], err = json.Marshal(CorpusDir); err != nil {
		return err
	}
	if all[key], err = json.Marshal(value); err != nil {
		return fmt.Errorf("%s: %s: %w", name, key, err)
	}
	if err := os.MkdirAll(w.Results, 0o777); err != nil {
		return err
	}
	return atomicfile.Write(w.ResultsFile(name), func(out io.Writer) error { return writeKeys(out, all) })
}

// writeKeys writes an object with one key a line, in the order of the keys.
func writeKeys(out io.Writer, all map[string]json.RawMessage) error {
	separator := "{\n"
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if _, err := fmt.Fprintf(out, "%s  %q: %s", separator, key, all[key]); err != nil {
			return err
		}
		separator = ",\n"
	}
	_, err := io.WriteString(out, "\n}\n")
	return err
}
