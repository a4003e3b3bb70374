// SPDX-License-Identifier: Apache-2.0

package embed

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"vsim/vsimlib/run"
)

// fingerprintModel identifies the contents of a model directory.
func fingerprintModel(dir string) (string, error) {
	h := sha256.New()
	for _, name := range []string{run.ConfigFile, run.WeightsFile, run.VocabFile} {
		if err := hashFile(h, filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("embed: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashFile adds the size and the contents of a file.
func hashFile(h io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintln(h, info.Size())
	_, err = io.Copy(h, f)
	return err
}
