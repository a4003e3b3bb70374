// SPDX-License-Identifier: Apache-2.0

package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"vsim/vsimlib/jsonfile"
)

// ReadKey decodes the value of one key of a results file into a variable. A file that lacks the key is an error.
func ReadKey(path, key string, into any) error {
	all := map[string]json.RawMessage{}
	switch err := jsonfile.Read(path, &all); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; run the cell that saves %q first", err, key)
	case err != nil:
		return err
	}
	if all[key] == nil {
		return fmt.Errorf("%s: there is no %q; run the cell that saves it first", path, key)
	}
	if err := json.Unmarshal(all[key], into); err != nil {
		return fmt.Errorf("%s: %s: %w", path, key, err)
	}
	return nil
}

// ReadTable reads a study's table.
func ReadTable(path string) (*Table, error) {
	t := &Table{}
	if err := jsonfile.Read(path, t); err != nil {
		return nil, err
	}
	return t, nil
}
