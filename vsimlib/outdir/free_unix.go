// SPDX-License-Identifier: Apache-2.0

//go:build linux || darwin

package outdir

import "golang.org/x/sys/unix"

// Free is the space that this user may still take on the disk of a directory, in bytes; 0 where the system does not report it.
// Quotas are not part of it.
func Free(dir string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
