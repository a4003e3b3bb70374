// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/filetype"
)

// Fingerprint identifies the contents of those parts of the corpus, its tag list and its vocabulary: names and sizes of the files,
// the lengths and stored checksums of the records and the text files' bytes. It does not depend on the path of the folder.
func (c *Corpus) Fingerprint(parts ...string) (string, error) {
	h := sha256.New()
	for _, part := range parts {
		s, err := c.Part(part)
		if err != nil {
			return "", err
		}
		for i, sh := range s.shards {
			fmt.Fprintf(h, "%s %d %x\n", filepath.ToSlash(c.files.parts[part][i]), sh.Size(), sh.Digest)
		}
	}
	text := []string{competition.TagListFile, competition.VocabFile}
	for _, part := range parts {
		text = append(text, part+"/label.tsv")
	}
	for _, name := range text {
		if err := hashFile(h, c.dir, name); err != nil {
			return "", fmt.Errorf("corpus: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fingerprint identifies the records of the set's files, in their order, by their lengths and stored checksums. The names of the
// files do not matter.
func (s *Set) Fingerprint() string {
	h := sha256.New()
	for _, sh := range s.shards {
		fmt.Fprintf(h, "%d %x\n", sh.Size(), sh.Digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashFile adds name, size and contents of a file; one that is not there adds nothing.
func hashFile(h io.Writer, dir, name string) error {
	f, err := filetype.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%s %d\n", name, info.Size())
	_, err = io.Copy(h, f)
	return err
}
