// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
)

// fingerprintModel identifies the contents of a model directory.
func fingerprintModel(dir string) (string, error) {
	h := sha256.New()
	for _, name := range []string{run.ConfigFile, run.WeightsFile, run.VocabFile} {
		file, err := manifest.Hash(filepath.Join(dir, name))
		if err != nil {
			return "", fmt.Errorf("embed: %w", err)
		}
		fmt.Fprintln(h, file.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
