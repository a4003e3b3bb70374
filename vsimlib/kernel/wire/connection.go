// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"

	"vsim/vsimlib/jsonfile"
)

// scheme is the only way of signing that Jupyter uses.
const scheme = "hmac-sha256"

// Connection is a connection file: where a kernel listens, and the key of its messages.
type Connection struct {
	Transport string `json:"transport"` // tcp or ipc
	IP        string `json:"ip"`        // of ipc: the start of the sockets' paths
	Shell     int    `json:"shell_port"`
	IOPub     int    `json:"iopub_port"`
	Stdin     int    `json:"stdin_port"`
	Control   int    `json:"control_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"`
	Scheme    string `json:"signature_scheme"`
	Name      string `json:"kernel_name,omitempty"`
}

// ReadConnection reads a connection file and checks that a kernel can listen by it.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	if err := jsonfile.Read(path, &c); err != nil {
		return c, err
	}
	return c, c.check(path)
}

// check returns why a kernel cannot listen by the connection file at path.
func (c Connection) check(path string) error {
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("%s: transport %q, want tcp or ipc", path, c.Transport)
	}
	if c.Scheme != scheme && c.Key != "" {
		return fmt.Errorf("%s: signature_scheme %q, want %s", path, c.Scheme, scheme)
	}
	if c.IP == "" {
		return fmt.Errorf("%s: no ip", path)
	}
	for name, port := range map[string]int{
		"shell": c.Shell, "iopub": c.IOPub, "stdin": c.Stdin, "control": c.Control, "hb": c.Heartbeat,
	} {
		if port < 1 || port > 65535 {
			return fmt.Errorf("%s: %s_port %d is outside [1,65535]", path, name, port)
		}
	}
	return nil
}

// Private is a connection through sockets in a folder that only this user can enter.
func Private(folder string) Connection {
	return Connection{
		Transport: "ipc", IP: folder + "/s", Shell: 1, IOPub: 2, Stdin: 3, Control: 4, Heartbeat: 5,
		Key: NewID(), Scheme: scheme, Name: "gonb",
	}
}

// Endpoint is the address of a port as ZeroMQ writes it.
func (c Connection) Endpoint(port int) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.IP, port)
	}
	return "tcp://" + net.JoinHostPort(c.IP, strconv.Itoa(port))
}

// Write writes a connection file that only this user can read: it holds the key.
func (c Connection) Write(path string) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
