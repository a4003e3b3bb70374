// SPDX-License-Identifier: Apache-2.0

package pjrt

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRecordEnv: a process that records takes no program from vsim's files, or the plugin would not see it.
func TestRecordEnv(t *testing.T) {
	if env := (Tools{}).RecordEnv("", "", "", 0); !slices.Contains(env, "VSIM_COMPILE_CACHE=off") {
		t.Errorf("environment %q", env)
	}
}

// TestDevices reads the replicas and partitions of compile options as go-xla writes them for one device and for two.
func TestDevices(t *testing.T) {
	const unset = "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" // device_ordinal -1
	for options, want := range map[string]int{
		"": 1,
		"\x1a\x0f" + unset + "\x20\x01\x28\x01\x20\x01": 1,
		"\x1a\x24" + unset + "\x20\x01\x28\x02\x30\x01\x4a\x0e\x08\x01\x10\x02\x1a\x03\x0a\x01\x00\x1a\x03\x0a\x01\x01\x98\x01\x01": 2,
	} {
		if got, err := (Program{Options: []byte(options)}).Devices(); err != nil || got != want {
			t.Errorf("%q: %d devices (%v), want %d", options, got, err, want)
		}
	}
	if _, err := (Program{Options: []byte{0x1a, 0x7f}}).Devices(); err == nil {
		t.Error("torn options: no error")
	}
}

// TestRecordedOrder: programs come in the order of compiling, past the thousandth too.
func TestRecordedOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1000", "002", "999"} {
		for _, extension := range []string{".mlir", ".options"} {
			if err := os.WriteFile(filepath.Join(dir, name+extension), []byte(name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	programs, err := Recorded(dir)
	if err != nil || len(programs) != 3 || string(programs[0].Code)+string(programs[1].Code)+string(programs[2].Code) != "0029991000" {
		t.Errorf("%q (%v)", programs, err)
	}
}

// TestToolkit names what is missing.
func TestToolkit(t *testing.T) {
	dir := t.TempDir()
	if err := Toolkit(dir).Check(); err == nil || strings.Count(err.Error(), dir) != len(files) {
		t.Errorf("error %v", err)
	}
}
