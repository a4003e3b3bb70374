// SPDX-License-Identifier: Apache-2.0

// Package asyncexec lets a caller go on while a device computes.
//
// go-xla v0.4.1 waits for the device in each execution (ExecuteAndWait in pjrt/loadedexecutables.go), and only then makes the
// buffers of the results; a GPU is idle meanwhile. PJRT itself does not wait: the buffers of results can be had, passed to the next
// execution and freed at once, and reading one waits until it is computed. So this package replaces two entries in the plugin's
// table of functions: PJRT_LoadedExecutable_Execute, which remembers the event that it returns, and PJRT_Event_Await, which returns
// at once for this event. An error of the computation then comes when a result is read. With a way to execute without waiting in
// go-xla, this package could go.
package asyncexec

import "runtime"

// Send calls f, in which executions on one device return once they are sent: f must make them itself, not by other goroutines. On
// several devices, or without Use before, they wait as always. Their inputs must not be changed or freed by the host before a
// result was read, unless they are on the device.
func Send(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin()
	defer end()
	return f()
}
