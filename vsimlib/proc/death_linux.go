// SPDX-License-Identifier: Apache-2.0

package proc

import "syscall"

// dieWithParent asks the kernel to send the child SIGTERM when the thread that started it ends.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGTERM }
