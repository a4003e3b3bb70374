// SPDX-License-Identifier: Apache-2.0

package manifest

import "syscall"

// changeTime is when a file or its properties last changed, in nanoseconds since 1970.
func changeTime(st *syscall.Stat_t) int64 { return st.Ctimespec.Nano() }
