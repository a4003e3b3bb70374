// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Stamp is what the file system says of a file. A file that is written to or replaced gets another one, also where its old time of
// modification is put back: the kernel alone sets the time of change.
type Stamp struct {
	Size     int64
	Inode    uint64
	Modified int64 // ns since 1970
	Changed  int64 // ns since 1970, of contents or inode
}

// Stamp gives the file's stamp as it is now.
func (f *File) Stamp() (Stamp, error) {
	file, ok := f.closer.(*os.File)
	if !ok {
		return Stamp{}, fmt.Errorf("tfrecord: %s: %w", f.name, errors.ErrUnsupported)
	}
	stamp, err := stampOf(file)
	if err != nil {
		return Stamp{}, fmt.Errorf("tfrecord: %s: %w", f.name, err)
	}
	return stamp, nil
}

func stampOf(file *os.File) (Stamp, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return Stamp{}, err
	}
	return Stamp{Size: st.Size, Inode: st.Ino, Modified: st.Mtim.Nano(), Changed: st.Ctim.Nano()}, nil
}
