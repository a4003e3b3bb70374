// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	const good = `{"transport":"tcp","ip":"127.0.0.1","shell_port":5001,"iopub_port":5002,"stdin_port":5003,
		"control_port":5004,"hb_port":5005,"key":"k","signature_scheme":"hmac-sha256","kernel_name":"gonb","jupyter_session":"/x.ipynb"}`
	for _, c := range []struct{ old, replaced, want string }{
		{"", "", ""},
		{`"key":"k","signature_scheme":"hmac-sha256"`, `"key":""`, ""},
		{`"tcp"`, `"udp"`, `transport "udp", want tcp or ipc`},
		{"hmac-sha256", "hmac-md5", `signature_scheme "hmac-md5", want hmac-sha256`},
		{"5005", "0", "hb_port 0 is outside"},
		{"5001", "70000", "shell_port 70000 is outside"},
		{`"127.0.0.1"`, `""`, "no ip"},
		{good, "{", "ends too early"},
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(good, c.old, c.replaced, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadConnection(path)
		if (err == nil) != (c.want == "") ||
			err != nil && (!strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s for %s: %v, want %q", c.replaced, c.old, err, c.want)
		}
	}
	for c, want := range map[Connection]string{
		{Transport: "tcp", IP: "127.0.0.1"}: "tcp://127.0.0.1:7",
		{Transport: "tcp", IP: "::1"}:       "tcp://[::1]:7",
		{Transport: "ipc", IP: "/a b/s"}:    "ipc:///a b/s-7",
	} {
		if got := c.Endpoint(7); got != want {
			t.Errorf("%+v: %s, want %s", c, got, want)
		}
	}
}

func TestPrivateConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	c := Private("/tmp/x")
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadConnection(path)
	info, statErr := os.Stat(path)
	if err != nil || statErr != nil || got != c || info.Mode().Perm() != 0o600 || len(c.Key) < 20 {
		t.Errorf("%+v, %v, %v, want %+v", got, err, info.Mode(), c)
	}
	if Private("/tmp/x").Key == c.Key {
		t.Error("two kernels have one key")
	}
}
