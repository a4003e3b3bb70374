// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"vsim/vsimlib/filetype"
)

// remembered is the variables VSIM_… that cells have set with %env, in a file beside the connection file, which only this user can
// read: a restart, which keeps the connection file, finds them again.
type remembered struct {
	path string
	env  map[string]string
}

const (
	rememberedPrefix = ".vsim-env-"
	settingsPrefix   = "VSIM_"
)

// remember reads what is remembered for a connection file, and removes the files of connection files that are gone.
func remember(connectionFile string) *remembered {
	dir, base := filepath.Split(connectionFile)
	r := &remembered{filepath.Join(dir, rememberedPrefix+base), map[string]string{}}
	found, _ := filepath.Glob(filepath.Join(dir, rememberedPrefix+"*.json"))
	for _, path := range found {
		name := strings.TrimPrefix(filepath.Base(path), rememberedPrefix)
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(path)
		}
	}
	r.read()
	return r
}

// read reads the file; one that is another user's, or no file, is not believed.
func (r *remembered) read() {
	info, err := os.Lstat(r.path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Getuid() {
		return
	}
	data, err := filetype.ReadFile(r.path)
	if err != nil {
		return
	}
	var env map[string]string
	if json.Unmarshal(data, &env) != nil {
		return
	}
	for name, value := range env {
		if strings.HasPrefix(name, settingsPrefix) {
			r.env[name] = value
		}
	}
}

// wasSet is what GoNB says of a %env that it has carried out.
var wasSet = regexp.MustCompile(`^Set: (` + settingsPrefix + `[A-Z0-9_]+)=(".*")\n$`)

// note remembers the variable that a message of GoNB on stdout says was set, if it is one.
func (r *remembered) note(stdout string) error {
	match := wasSet.FindStringSubmatch(stdout)
	if match == nil {
		return nil
	}
	value, err := strconv.Unquote(match[2])
	if err != nil || r.env[match[1]] == value {
		return nil
	}
	r.env[match[1]] = value
	return r.write()
}

// write writes the file aside and renames it, so that it is never another user's and never half written.
func (r *remembered) write() error {
	f, err := os.CreateTemp(filepath.Dir(r.path), rememberedPrefix+"part-")
	if err != nil {
		return err
	}
	data, err := json.Marshal(r.env)
	if err == nil {
		_, err = f.Write(data)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return os.Rename(f.Name(), r.path)
}

// environment is what is remembered, as NAME=VALUE.
func (r *remembered) environment() []string {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		env = append(env, name+"="+r.env[name])
	}
	return env
}

// forget removes the file.
func (r *remembered) forget() { _ = os.Remove(r.path) }
