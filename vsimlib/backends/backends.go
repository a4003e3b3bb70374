// SPDX-License-Identifier: Apache-2.0

// Package backends picks and opens the backend that computations run on, tries its devices, and describes them, their memory and
// what of it a compiled program takes.
//
// Open picks, in this order:
//
//  1. what the user's GOMLX_BACKEND says, or a plugin from the folders of PJRT_PLUGIN_LIBRARY_PATH;
//  2. CUDA, where an NVIDIA device is there and a CUDA plugin is found (go-xla's folders, or the JAX wheels of Python);
//  3. XLA:CPU with the pinned plugin from the user's cache;
//  4. the pure Go backend, many times slower, with a warning that says how to get XLA.
//
// Open never downloads anything; package plugin does, and only when called. The pinned plugin is loaded from the open file with
// the right checksum; where it is wrong, Open fails. Another CPU plugin is loaded only if the user's variables ask for it.
//
// On CUDA, products of float32 matrices use TF32, as JAX's do: 10 bits of mantissa instead of 23, several times as fast. The option
// tf32=false of GOMLX_BACKEND, as in GOMLX_BACKEND=xla:cuda,tf32=false, keeps all bits.
package backends

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-logr/logr"
	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // registers "go", which needs no plugin
	"github.com/pkg/errors"
	"k8s.io/klog/v2"

	"vsim/vsimlib/text"
)

// Kinds of device in Info.Kind.
const (
	CUDA = "cuda"
	CPU  = "cpu"
	Go   = "go" // the pure Go backend
)

// Info says what Open picked.
type Info struct {
	Backend string // "xla" or "go"
	Plugin  string // the plugin's file; "" for the Go backend
	Kind    string // CUDA, CPU or Go; another plugin's own name where the user chose one
	Devices int    // how many devices the backend shows
	// CUDA: "on" where float32 products of matrices are rounded to TF32 (see the package comment), or "off"; otherwise ""
	TF32    string
	Warning string // one line the user should see; "" if all is well
	Failed  bool   // a better backend was found and did not open; Warning says why
}

// String is one line for people, e.g. "xla cpu, 4 devices (/home/u/.cache/…/pjrt_c_api_cpu_plugin.so)".
func (i Info) String() string {
	if i.Backend == Go {
		return "pure Go backend"
	}
	s := fmt.Sprintf("%s %s, %s", i.Backend, i.Kind, text.Count(i.Devices, "device"))
	if i.TF32 != "" {
		s += ", TF32 " + i.TF32
	}
	return s + " (" + i.Plugin + ")"
}

// Open picks and opens a backend; see the package comment for the order. An error means that what the user asked for by
// GOMLX_BACKEND or PJRT_PLUGIN_LIBRARY_PATH cannot be opened; a fallback without being asked is in Info.Warning.
func Open() (compute.Backend, Info, error) {
	options, err := choose(realSystem())
	if err != nil {
		return nil, Info{}, err
	}
	var failed []string
	for i, option := range options {
		backend, err := option.open()
		if errors.As(err, new(alteredError)) {
			return nil, Info{}, fmt.Errorf("backends: the XLA:CPU plugin: %w", err)
		}
		if err != nil {
			if option.asked || i == len(options)-1 {
				return nil, Info{}, fmt.Errorf("backends: %s: %w", option.what(), err)
			}
			failed = append(failed, fmt.Sprintf("%s: %v", option.what(), err))
			continue
		}
		info := Info{
			Backend: option.backend, Plugin: option.plugin, Kind: option.kind,
			Devices: int(backend.NumDevices()), Warning: option.warning,
		}
		if info.Kind == CUDA {
			info.TF32 = "off"
			if UsesTF32(backend) {
				info.TF32 = "on"
			}
		}
		if len(failed) > 0 {
			info.Warning, info.Failed = strings.Join(failed, "; ")+"; using "+info.String(), true
		}
		return backend, info, nil
	}
	return nil, Info{}, fmt.Errorf("backends: no backend")
}

// option is one way to get a backend.
type option struct {
	backend string // "xla" or "go"
	plugin  string // absolute path of the plugin, "" for Go
	kind    string
	extra   string // ",name=value" options of the user
	asked   bool   // the user asked for it: no fallback
	warning string
	verify  bool   // it is the pinned plugin: load only what has its checksum
	config  string // a configuration that GoMLX gets unchanged, instead of the fields above
}

// what names the option in messages.
func (o option) what() string {
	switch {
	case o.config != "":
		return backendEnv + "=" + o.config
	case o.plugin != "":
		return o.plugin
	default:
		return o.backend
	}
}

// alteredError means that the pinned plugin is not what was published, or that other users can change it. Nothing else is tried.
type alteredError struct{ error }

func (o *option) open() (compute.Backend, error) {
	config := o.config
	switch {
	case config != "":
	case o.verify:
		name, checked, err := loadPinned(o.plugin)
		if !checked {
			return nil, alteredError{err}
		}
		if err != nil {
			return nil, err
		}
		config = "xla:" + name + o.extra
	case o.backend == Go:
		config = Go + o.extra
	default:
		setCUDAEnv(*o)
		keepTuning(*o)
		path, err := nameable(o.plugin, o.kind)
		if err != nil {
			return nil, err
		}
		config = "xla:" + path + o.extra
	}
	backend, err := newBackend(config)
	if o.kind == CUDA {
		err = explained(err)
	}
	if err == nil && strings.HasPrefix(config, "xla:") && o.plugin != "" {
		o.hook(strings.TrimSuffix(strings.TrimPrefix(config, "xla:"), o.extra))
	}
	return backend, err
}

// newBackend opens a backend by its GoMLX configuration, never installing anything. GoMLX panics on unknown names.
func newBackend(config string) (backend compute.Backend, err error) {
	defer func() {
		if r := recover(); r != nil {
			backend, err = nil, fmt.Errorf("%s", firstLine(fmt.Sprint(r)))
		}
	}()
	disableAutoInstall()
	// go-xla logs what its errors say anyway; a failure here is to be one line. The Go backend logs nothing, and may be opened
	// while another one computes, which reads klog's state.
	if name, _, _ := strings.Cut(config, ":"); name != Go {
		defer klog.CaptureState().Restore()
		klog.SetLogger(logr.Discard())
	}
	backend, err = compute.NewWithConfig(oneOperationAtATime(config))
	if err != nil {
		return nil, fmt.Errorf("%s", firstLine(errors.Cause(err).Error()))
	}
	return backend, nil
}

// firstLine returns the first line: GoMLX's errors can carry a stack.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// nameable returns a path for the plugin that go-xla reads rightly. go-xla takes a plugin for CPU or CUDA by the words
// "cpu", "cuda" and "nvidia" anywhere in its path, and splits its configuration at commas; where the folder's own name
// would mislead it (a user called nvidia, say), the plugin is named through an open descriptor of its folder.
func nameable(path, kind string) (string, error) {
	lower := strings.ToLower(path)
	cpu := strings.Contains(lower, "cpu")
	cuda := strings.Contains(lower, "cuda") || strings.Contains(lower, "nvidia")
	bad := strings.Contains(path, ",") || (kind == CPU && (cuda || !cpu)) || (kind == CUDA && (cpu || !cuda))
	if !bad {
		return path, nil
	}
	return throughDescriptor(path, kind)
}

// backendEnv is GoMLX's variable for the backend configuration, pluginEnv go-xla's for the plugin folders.
const (
	backendEnv = "GOMLX_BACKEND"
	pluginEnv  = "PJRT_PLUGIN_LIBRARY_PATH"
)

func init() {
	// XLA's C++ side logs to stderr at each start; errors come back through its API anyway.
	if os.Getenv("TF_CPP_MIN_LOG_LEVEL") == "" {
		_ = os.Setenv("TF_CPP_MIN_LOG_LEVEL", "3")
	}
}
