// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"os"
	"path/filepath"
)

// Verified remembers the checkpoints with checksums that this process has computed, from what it wrote or read. Their bytes are not
// read again as long as each file is the same one, of the same size and time of change. The zero value knows none, and so does nil,
// which learns none either. It is not for concurrent use.
type Verified struct{ files map[string]os.FileInfo }

// add learns the files of the checkpoint in a directory. One that cannot be looked at is not learnt.
func (v *Verified) add(dir string, m manifest) {
	if v == nil {
		return
	}
	if v.files == nil {
		v.files = map[string]os.FileInfo{}
	}
	for name := range m.Files {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil {
			v.files[path] = info
		}
	}
}

// knows reports whether a file is as it was when its checksum was computed.
func (v *Verified) knows(path string) bool {
	if v == nil || v.files[path] == nil {
		return false
	}
	was := v.files[path]
	now, err := os.Lstat(path)
	return err == nil && os.SameFile(was, now) && was.Size() == now.Size() && was.ModTime().Equal(now.ModTime())
}
