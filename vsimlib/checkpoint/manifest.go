// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/text"
)

// manifest lists what a checkpoint directory must hold.
type manifest struct {
	Step  int                 `json:"step"`
	Files map[string]identity `json:"files"`
}

// identity is what a file must be.
type identity struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// encode is the one spelling of a manifest; a file that spells it otherwise has been altered.
func (m manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

// maxManifest bounds what is read of a manifest before it is trusted; some hundred bytes are usual.
const maxManifest = 1 << 20

// readManifest reads the manifest of a checkpoint directory and checks it against itself. Its own altered bytes show: those of
// a checksum or a size by the file not matching, all others by the spelling. Errors begin with its path.
func readManifest(dir string, step int) (m manifest, err error) {
	path := filepath.Join(dir, ManifestFile)
	f, err := filetype.Open(path)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	if m, err = parseManifest(data, step); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// parseManifest is readManifest for bytes at hand.
func parseManifest(data []byte, step int) (m manifest, err error) {
	if err := json.Unmarshal(data, &m); err != nil {
		return m, errors.New("torn or altered: not the JSON of a manifest")
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, data) {
		return m, errors.New("altered since it was written")
	}
	if m.Step != step {
		return m, fmt.Errorf("says step %d", m.Step)
	}
	if _, ok := m.Files[stateFile]; !ok {
		return m, fmt.Errorf("does not list %s", stateFile)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if name != filepath.Base(name) {
			return m, fmt.Errorf("lists %q, which is not a name in its directory", name)
		}
	}
	return m, nil
}

// checkFile compares a file with what it must be.
func checkFile(path string, want identity) error {
	info, err := os.Stat(path)
	if err != nil {
		return atomicfile.Cause(err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	if info.Size() != want.Size {
		return fmt.Errorf("has %d bytes, the manifest says %d", info.Size(), want.Size)
	}
	f, err := filetype.Open(path)
	if err != nil {
		return atomicfile.Cause(err)
	}
	defer f.Close()
	got, err := identify(f)
	if err != nil {
		return atomicfile.Cause(err)
	}
	if got.SHA256 != want.SHA256 {
		has, wants := text.Differing(got.SHA256, want.SHA256)
		return fmt.Errorf("altered: its sha256 begins %s, the manifest's %s", has, wants)
	}
	return nil
}

// identify reads a file and returns what it is.
func identify(f *os.File) (identity, error) {
	h := sha256.New()
	size, err := io.Copy(h, f)
	return identity{size, hex.EncodeToString(h.Sum(nil))}, err
}
