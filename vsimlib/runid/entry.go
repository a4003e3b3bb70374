// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/run"
)

// entry is the content of identity.json. Older versions wrote the identity alone, or no sum.
type entry struct {
	Identity
	By      *provenance.Process `json:"provenance,omitempty"` // the first process, without its seconds
	Skipped int                 `json:"skipped,omitempty"`    // bad records of the corpus
	Sum     string              `json:"sum,omitempty"`        // sha256 of the file without it
}

// entry is what identity.json says of the run, with its sum.
func (s Start) entry() (entry, error) {
	e := entry{Identity: s.Identity, Skipped: s.Skipped}
	if len(s.Provenance) > 0 && s.Provenance[0] != (provenance.Process{}) {
		first := s.Provenance[0]
		first.Seconds = 0
		e.By = &first
	}
	data, err := jsonfile.Encode(e)
	e.Sum = sumOf(data)
	return e, err
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sumField is the last field of identity.json, up to the end.
var sumField = regexp.MustCompile(`,\n  "sum": "([0-9a-f]{64})"\n\}\n$`)

// decodeEntry decodes the bytes of identity.json, which must be as the sum in them says. Those of an older version, which have no
// sum, may have no unknown field either: it could be the sum.
func decodeEntry(path string, data []byte) (e entry, err error) {
	found := sumField.FindSubmatchIndex(data)
	if found == nil {
		if err = jsonfile.DecodeStrict(path, data, &e); err == nil && e.Sum != "" {
			err = fmt.Errorf("%s: was altered: it does not end with its checksum", path)
		}
		return e, err
	}
	without := append(bytes.Clone(data[:found[0]]), "\n}\n"...)
	if sumOf(without) != string(data[found[2]:found[3]]) {
		return e, fmt.Errorf("%s: was altered: its checksum is not that of its bytes", path)
	}
	return e, jsonfile.Decode(path, data, &e)
}

// CheckIdentity returns an error if the run in dir has an identity.json that was altered.
func CheckIdentity(dir run.Dir) error {
	data, err := filetype.ReadFile(dir.Identity())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = decodeEntry(dir.Identity(), data)
	}
	return err
}
