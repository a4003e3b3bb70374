// SPDX-License-Identifier: Apache-2.0

package nb

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

	"vsim/vsimlib/run"
)

// keep puts a value into the results file of a name, under a key. What other cells have put there at the same scale stays. A line holds
// one key, so that a change shows as the line it is.
func (p place) keep(results, key string, value any) error {
	path := filepath.Join(p.results, results+".json")
	all := map[string]json.RawMessage{}
	if err := readJSON(path, &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	scale, err := json.Marshal(p.scale)
	if err != nil {
		return err
	}
	if !bytes.Equal(all["scale"], scale) {
		clear(all) // of another scale
	}
	all["scale"] = scale
	if all["corpus"], err = json.Marshal(corpusDir); err != nil {
		return err
	}
	if all[key], err = json.Marshal(value); err != nil {
		return fmt.Errorf("%s: %s: %w", results, key, err)
	}
	if err := os.MkdirAll(p.results, 0o777); err != nil {
		return err
	}
	return run.Atomic(path, func(w io.Writer) error {
		separator := "{\n"
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if _, err := fmt.Fprintf(w, "%s  %q: %s", separator, name, all[name]); err != nil {
				return err
			}
			separator = ",\n"
		}
		_, err := io.WriteString(w, "\n}\n")
		return err
	})
}
