// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"vsim/vsimlib/plugin"
)

// realSystem describes this machine.
func realSystem() system {
	return system{
		getenv: os.Getenv, haveXLA: haveXLA, pluginDirs: pluginDirs(), pinned: plugin.Path(), nvidia: nvidiaVisible(),
		pythonDirs: sync.OnceValue(pythonDirs),
	}
}

// pluginDirs lists go-xla's default folders: the user's, the system's, LD_LIBRARY_PATH and those of /etc/ld.so.conf.
func pluginDirs() []string {
	var dirs []string
	if home, err := os.UserHomeDir(); err == nil {
		local := filepath.Join(home, ".local", "lib", "go-xla")
		if runtime.GOOS == "darwin" {
			local = filepath.Join(home, "Library", "Application Support", "go-xla")
		}
		dirs = append(dirs, local, filepath.Join(local, "nvidia"), filepath.Join(home, ".local", "lib", "gomlx", "pjrt"))
	}
	dirs = append(dirs, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia", "/usr/local/lib/gomlx/pjrt")
	for _, dir := range filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")) {
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, conf := range append([]string{"/etc/ld.so.conf"}, globs("/etc/ld.so.conf.d/*.conf")...) {
		dirs = append(dirs, absoluteLines(conf)...)
	}
	return slices.Compact(dirs)
}

// absoluteLines are the lines of a file that are absolute paths; none where it cannot be read.
func absoluteLines(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	var lines []string
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if line := strings.TrimSpace(scan.Text()); filepath.IsAbs(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// nvidiaVisible reports whether an NVIDIA device node exists and CUDA_VISIBLE_DEVICES does not hide every device.
func nvidiaVisible() bool {
	if visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES"); set && hidesAll(visible) {
		return false
	}
	return len(globs("/dev/nvidia[0-9]*")) > 0 || (len(globs("/dev/dxg")) > 0 && len(globs("/usr/lib/wsl/lib/libcuda.so*")) > 0)
}

func hidesAll(visible string) bool {
	return slices.Contains([]string{"", "-1", "none", "nodevfiles"}, strings.ToLower(strings.TrimSpace(visible)))
}
