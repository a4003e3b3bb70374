// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// guard is a process that outlives the kernel, however that ends, by a few seconds: it ends what GoNB has left running and removes
// the temporary folder. It notices the kernel's end by the end of its standard input.
type guard struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

// guardScript reads GoNB's process number. GoNB, which leads a group of its own, is asked to end, and with it the cell, which
// gets an interrupt and four seconds to save; what is still there then is killed. $1 is the folder.
const guardScript = `trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
[ -e "$1/` + goplsPid + `" ] && read -r gopls <"$1/` + goplsPid + `" && kill -s KILL -- "-$gopls"
if [ -n "$pid" ]; then
	kill -s TERM "$pid"
	n=0
	while kill -s 0 -- "-$pid" && [ "$n" -lt 40 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	kill -s KILL -- "-$pid"
fi
rm -rf -- "$1"
`

// guardTime is how long a kernel that ends waits for its guard.
const guardTime = 6 * time.Second

// newGuard starts the guard of a folder, in a session of its own, so that what kills the kernel's group does not kill it.
func newGuard(f folder) (*guard, error) {
	cmd := exec.Command("/bin/sh", "-c", guardScript, folderPrefix+"guard", f.path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Dir = "/"
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("the guard: %w", err)
	}
	return &guard{cmd, stdin}, nil
}

// watch names the process that the guard ends.
func (g *guard) watch(pid int) { _, _ = fmt.Fprintln(g.stdin, pid) }

// close lets the guard do its work and waits until it is done.
func (g *guard) close() {
	_ = g.stdin.Close()
	done := make(chan struct{})
	go func() {
		_ = g.cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(guardTime):
	}
}
