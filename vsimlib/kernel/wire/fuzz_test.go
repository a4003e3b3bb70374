// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
)

// FuzzConnection: a connection file that is taken has five ports and an address; any other gives one line of error.
func FuzzConnection(f *testing.F) {
	const ports = `"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":65535`
	for _, s := range []string{"", "{}",
		`{"transport":"tcp","ip":"127.0.0.1",` + ports + `,"key":"a","signature_scheme":"hmac-sha256"}`,
		`{"transport":"ipc","ip":"/tmp/s",` + ports + `}`, `{"transport":"udp","ip":"::1",` + ports + `}`, `{"shell_port":1e9}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c Connection
		err := jsonfile.Decode("kernel.json", data, &c)
		if err == nil {
			err = c.check("kernel.json")
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		for _, port := range []int{c.Shell, c.IOPub, c.Stdin, c.Control, c.Heartbeat} {
			if port < 1 || port > 65535 || c.Endpoint(port) == "" {
				t.Errorf("port %d", port)
			}
		}
	})
}
