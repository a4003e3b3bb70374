// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// system is what a choice depends on, so that tests can describe a machine without having it.
type system struct {
	getenv     func(string) string
	haveXLA    bool
	pluginDirs []string        // go-xla's folders, used where the user names none
	pinned     string          // the pinned CPU plugin's file in the user's cache; "" where it is not installed
	nvidia     bool            // an NVIDIA device is there and visible
	pythonDirs func() []string // Python's site-packages folders; asked only where nvidia is true
}

// Warnings of a choice.
const (
	warnGo = "no XLA plugin found, so this runs on the pure Go backend, about 25 times slower; " +
		"`vsim setup` installs the XLA:CPU plugin"
	warnUnpinned = "%s is not the XLA:CPU plugin that vsim knows, so this runs on the pure Go backend, about 25 times slower; " +
		"`vsim setup` installs the known one, %s=xla:%s takes this one"
	warnNoXLA  = "this build has no XLA (it needs cgo and a C compiler), so it runs on the pure Go backend, about 25 times slower"
	warnNoCUDA = "an NVIDIA device is here but no CUDA plugin is found, so this runs on the CPU; " +
		"`python3 -m pip install \"jax[cuda13]\"` brings one, or set " + pluginEnv
)

// choose lists the ways to open a backend, best first; see the package comment for the order.
func choose(s system) ([]option, error) {
	if config := s.getenv(backendEnv); config != "" {
		return s.chosenByUser(config)
	}
	if dirs := s.getenv(pluginEnv); dirs != "" {
		if !s.haveXLA {
			return nil, fmt.Errorf("backends: %s is set, but %s", pluginEnv, warnNoXLA)
		}
		found := byPreference(search(filepath.SplitList(dirs)))
		if len(found) == 0 {
			return nil, fmt.Errorf("backends: no PJRT plugin (pjrt_c_api_NAME_plugin.so) in %s=%s", pluginEnv, dirs)
		}
		return asked(found[:1], ""), nil
	}
	if !s.haveXLA {
		return []option{{backend: Go, kind: Go, warning: warnNoXLA}}, nil
	}
	options := s.cuda()
	cpus := s.cpu()
	if s.nvidia && len(options) == 0 {
		for i := range cpus {
			cpus[i].warning = warnNoCUDA
		}
	}
	options = append(options, cpus...)
	last := option{backend: Go, kind: Go}
	if len(options) == 0 { // else the warning is of the options that failed
		last.warning = s.withoutXLA()
	}
	return append(options, last), nil
}

// withoutXLA is the warning of the Go backend. It names a CPU plugin that is not taken unasked.
func (s system) withoutXLA() string {
	for _, o := range search(s.pluginDirs) {
		if o.kind == CPU {
			return fmt.Sprintf(warnUnpinned, o.plugin, backendEnv, o.plugin)
		}
	}
	return warnGo
}

// chosenByUser reads GOMLX_BACKEND, of the form BACKEND[:PLUGIN[,OPTION=VALUE]…]. A plugin named cpu or cuda, or none, is
// looked for where Open would look, then in go-xla's folders, unless PJRT_PLUGIN_LIBRARY_PATH says where.
func (s system) chosenByUser(config string) ([]option, error) {
	backend, rest, _ := strings.Cut(config, ":")
	if !slices.Contains([]string{"xla", "stablehlo", "hlo", "shlo"}, backend) {
		return []option{{backend: backend, kind: backend, config: config, asked: true}}, nil
	}
	if !s.haveXLA {
		return nil, fmt.Errorf("backends: %s=%s: this build has no XLA; build with cgo and a C compiler", backendEnv, config)
	}
	name, extra, hasExtra := strings.Cut(rest, ",")
	if hasExtra {
		extra = "," + extra
	}
	if filepath.IsAbs(name) {
		o := option{backend: "xla", plugin: name, kind: kindOf(name), verify: name == s.pinned}
		return asked([]option{o}, extra), nil
	}
	found, err := s.named(name)
	if err != nil {
		return nil, fmt.Errorf("backends: %s=%s: %w", backendEnv, config, err)
	}
	return asked(found[:1], extra), nil
}

// named finds plugins by name; "" is any, CUDA first.
func (s system) named(name string) ([]option, error) {
	dirs := s.pluginDirs
	if env := s.getenv(pluginEnv); env != "" {
		dirs = filepath.SplitList(env)
	}
	var found []option
	if s.getenv(pluginEnv) == "" {
		if name == "" || name == CUDA {
			found = append(found, s.cuda()...)
		}
		if name == "" || name == CPU {
			found = append(found, s.cpu()...)
		}
	}
	for _, o := range byPreference(search(dirs)) {
		if name == "" || o.kind == name {
			found = append(found, o)
		}
	}
	switch {
	case len(found) > 0:
		return found, nil
	case name == CUDA && !s.nvidia:
		return nil, errors.New("no CUDA plugin found, and no NVIDIA device is visible")
	case name == CUDA:
		return nil, errors.New("no CUDA plugin found; `python3 -m pip install \"jax[cuda13]\"` brings one")
	case name == "" || name == CPU:
		return nil, errors.New("no XLA plugin found; `vsim setup` installs the XLA:CPU plugin")
	default:
		return nil, fmt.Errorf("no plugin %q in %s", name, strings.Join(dirs, string(filepath.ListSeparator)))
	}
}

// cuda lists CUDA plugins, where there is a device for them. They are not pinned: the user's own Python or go-xla folder has them.
func (s system) cuda() []option {
	if !s.nvidia {
		return nil
	}
	var found []option
	for _, o := range search(s.pluginDirs) {
		if o.kind == CUDA {
			found = append(found, o)
		}
	}
	for _, dir := range s.pythonDirs() {
		for _, path := range jaxPlugins(dir) {
			found = append(found, option{backend: "xla", plugin: path, kind: CUDA})
		}
	}
	return found
}

// cpu is the pinned CPU plugin, where it is installed.
func (s system) cpu() []option {
	if s.pinned == "" {
		return nil
	}
	return []option{{backend: "xla", plugin: s.pinned, kind: CPU, verify: true}}
}

// search lists the PJRT plugins in dirs, in the order of dirs, by go-xla's rules for file names, and those of JAX's wheels.
func search(dirs []string) []option {
	var found []option
	for _, dir := range dirs {
		for _, ext := range []string{".so", ".dylib"} {
			for _, pattern := range []string{"pjrt-plugin-*", "pjrt_plugin_*", "pjrt_c_api_*_plugin"} {
				for _, path := range globs(filepath.Join(dir, pattern+ext)) {
					found = append(found, option{backend: "xla", plugin: path, kind: kindOf(path)})
				}
			}
		}
		for _, path := range jaxPlugins(dir) {
			found = append(found, option{backend: "xla", plugin: path, kind: CUDA})
		}
	}
	return found
}

// globs is filepath.Glob with absolute paths; a pattern broken by a folder's odd name finds nothing.
func globs(pattern string) []string {
	paths, _ := filepath.Glob(pattern)
	for i, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			paths[i] = abs
		}
	}
	return paths
}

// kindOf is the device kind in a plugin's file name: "cpu" for pjrt_c_api_cpu_v0.83.1_plugin.so.
func kindOf(path string) string {
	name := strings.ToLower(filepath.Base(path))
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".dylib"), ".so")
	for _, prefix := range []string{"pjrt-plugin-", "pjrt_plugin_", "pjrt_c_api_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	name = strings.TrimSuffix(name, "_plugin")
	switch {
	case strings.Contains(name, "cuda") || strings.Contains(name, "nvidia"):
		return CUDA
	case strings.Contains(name, "cpu"):
		return CPU
	default:
		return name
	}
}

// byPreference sorts plugins: CUDA, CPU, then the others, each in the order found.
func byPreference(found []option) []option {
	rank := func(o option) int {
		if i := slices.Index([]string{CUDA, CPU}, o.kind); i >= 0 {
			return i
		}
		return 2
	}
	slices.SortStableFunc(found, func(a, b option) int { return rank(a) - rank(b) })
	return found
}

// asked marks options as the user's own choice, with the user's plugin options.
func asked(options []option, extra string) []option {
	for i := range options {
		options[i].asked, options[i].extra, options[i].warning = true, extra, ""
	}
	return options
}
