// SPDX-License-Identifier: Apache-2.0

package run

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"vsim/vsimlib/filetype"
)

// FileHash is the SHA-256 of a file's contents, in hexadecimal.
func FileHash(path string) (string, error) {
	f, err := filetype.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
