// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pinnedName is the file name of the pinned plugin.
const pinnedName = "pjrt_c_api_cpu_plugin.so"

// machine makes a folder tree with the given plugin files and a system over it; "ROOT" in env stands for its root.
func machine(t *testing.T, files []string, env map[string]string, change func(*system)) (system, string) {
	t.Helper()
	root := t.TempDir()
	for _, file := range files {
		path := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := system{
		getenv:     func(name string) string { return strings.ReplaceAll(env[name], "ROOT", root) },
		haveXLA:    true,
		pluginDirs: []string{filepath.Join(root, "lib")},
		pythonDirs: func() []string { return []string{filepath.Join(root, "site")} },
	}
	if _, err := os.Stat(filepath.Join(root, "cache", pinnedName)); err == nil {
		s.pinned = filepath.Join(root, "cache", pinnedName)
	}
	if change != nil {
		change(&s)
	}
	return s, root
}

func TestChoose(t *testing.T) {
	const (
		pinned  = "cache/pjrt_c_api_cpu_plugin.so"
		libCPU  = "lib/pjrt_c_api_cpu_v0.83.1_plugin.so"
		libCUDA = "lib/pjrt_c_api_cuda_plugin.so"
		jax12   = "site/jax_plugins/xla_cuda12/xla_cuda_plugin.so"
		jax13   = "site/jax_plugins/xla_cuda13/xla_cuda_plugin.so"
		jax14   = "site/jax_plugins/xla_cuda14/xla_cuda_plugin.so"
		userCPU = "mine/pjrt-plugin-cpu.so"
		userTPU = "mine/pjrt_plugin_tpu.so"
	)
	gpu := func(s *system) { s.nvidia = true }
	tests := []struct {
		name    string
		files   []string
		env     map[string]string
		change  func(*system)
		want    string // options in order: kind@file, "!" where no fallback follows
		warning string // of the first option
		wantErr string
	}{
		{name: "nothing", want: "go@", warning: "vsim setup"},
		{name: "pinned", files: []string{pinned}, want: "cpu@" + pinned + " go@"},
		{name: "pinned before go-xla's", files: []string{libCPU, pinned}, want: "cpu@" + pinned + " go@"},
		{name: "go-xla's CPU plugin is not taken unasked", files: []string{libCPU}, want: "go@", warning: "GOMLX_BACKEND=xla:/"},
		{name: "CUDA plugin but no device", files: []string{libCUDA, jax13, pinned}, want: "cpu@" + pinned + " go@"},
		{name: "CUDA first", files: []string{libCUDA, jax12, jax13, pinned}, change: gpu,
			want: "cuda@" + libCUDA + " cuda@" + jax13 + " cuda@" + jax12 + " cpu@" + pinned + " go@"},
		{name: "device but no CUDA plugin", files: []string{pinned}, change: gpu, want: "cpu@" + pinned + " go@", warning: "jax[cuda13]"},
		{name: "no cgo", files: []string{pinned, libCPU}, change: func(s *system) { s.haveXLA = false }, want: "go@", warning: "cgo"},

		{name: "user's folders", files: []string{userTPU, userCPU, pinned, libCUDA}, change: gpu,
			env: map[string]string{pluginEnv: "ROOT/none:ROOT/mine"}, want: "cpu@" + userCPU + "!"},
		{name: "user's folders without CPU or CUDA", files: []string{userTPU}, env: map[string]string{pluginEnv: "ROOT/mine"}, want: "tpu@" + userTPU + "!"},
		{name: "user's folders hold JAX's wheels", files: []string{jax12, jax13, pinned}, env: map[string]string{pluginEnv: "ROOT/none:ROOT/site"}, want: "cuda@" + jax13 + "!"},
		{name: "user's folder is the wheel's own", files: []string{jax12, jax13}, env: map[string]string{pluginEnv: "ROOT/site/jax_plugins/xla_cuda12"}, want: "cuda@" + jax12 + "!"},
		{name: "a later CUDA", files: []string{jax13, jax14}, change: gpu, want: "cuda@" + jax14 + " cuda@" + jax13 + " go@"},
		{name: "without TF32", files: []string{jax13}, change: gpu, env: map[string]string{backendEnv: "xla:cuda,tf32=false"}, want: "cuda@" + jax13 + ",tf32=false!"},
		{name: "user's folders are empty", files: []string{pinned}, env: map[string]string{pluginEnv: "ROOT/none"}, wantErr: "no PJRT plugin"},
		{name: "user's folders without cgo", env: map[string]string{pluginEnv: "ROOT/mine"},
			change: func(s *system) { s.haveXLA = false }, wantErr: "cgo"},

		{name: "GOMLX_BACKEND go", files: []string{pinned}, env: map[string]string{backendEnv: "go"}, want: "go=go!"},
		{name: "GOMLX_BACKEND go with options", env: map[string]string{backendEnv: "go:parallelism=1"}, want: "go=go:parallelism=1!"},
		{name: "GOMLX_BACKEND xla", files: []string{pinned, jax13}, env: map[string]string{backendEnv: "xla"}, want: "cpu@" + pinned + "!"},
		{name: "GOMLX_BACKEND xla with a GPU", files: []string{pinned, jax13}, change: gpu, env: map[string]string{backendEnv: "xla"}, want: "cuda@" + jax13 + "!"},
		{name: "GOMLX_BACKEND xla:cpu with a GPU", files: []string{pinned, jax13}, change: gpu, env: map[string]string{backendEnv: "xla:cpu"}, want: "cpu@" + pinned + "!"},
		{name: "GOMLX_BACKEND hlo:cpu with options", files: []string{libCPU}, env: map[string]string{backendEnv: "hlo:cpu,noshared_buffers,tf32=false"},
			want: "cpu@" + libCPU + ",noshared_buffers,tf32=false!"},
		{name: "GOMLX_BACKEND xla:cuda without a device", files: []string{libCUDA}, env: map[string]string{backendEnv: "xla:cuda"}, want: "cuda@" + libCUDA + "!"},
		{name: "GOMLX_BACKEND xla:cuda without a plugin", files: []string{pinned}, env: map[string]string{backendEnv: "xla:cuda"}, wantErr: "no NVIDIA device"},
		{name: "GOMLX_BACKEND xla without a plugin", env: map[string]string{backendEnv: "xla"}, wantErr: "vsim setup"},
		{name: "GOMLX_BACKEND xla:tpu", files: []string{pinned}, env: map[string]string{backendEnv: "xla:tpu"}, wantErr: `no plugin "tpu"`},
		{name: "GOMLX_BACKEND by path", files: []string{pinned, userCPU}, env: map[string]string{backendEnv: "xla:ROOT/" + userCPU}, want: "cpu@" + userCPU + "!"},
		{name: "GOMLX_BACKEND xla without cgo", env: map[string]string{backendEnv: "xla"}, change: func(s *system) { s.haveXLA = false },
			wantErr: "cgo"},
		{name: "both: the folders say where", files: []string{pinned, userCPU, userTPU}, env: map[string]string{backendEnv: "xla:tpu", pluginEnv: "ROOT/mine"},
			want: "tpu@" + userTPU + "!"},
		{name: "both: the folders have none", files: []string{pinned}, env: map[string]string{backendEnv: "xla:cpu", pluginEnv: "ROOT/mine"}, wantErr: "vsim setup"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, root := machine(t, tt.files, tt.env, tt.change)
			options, err := choose(s)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) || strings.Contains(err.Error(), "\n") {
					t.Fatalf("error %v, want one line with %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := render(options, root); got != tt.want {
				t.Errorf("options %q, want %q", got, tt.want)
			}
			if got := options[0].warning; !strings.Contains(got, tt.warning) || (tt.warning == "") != (got == "") {
				t.Errorf("warning %q, want %q in it", got, tt.warning)
			}
		})
	}
}

// TestForesee: only the pinned plugin and the Go backend can be foreseen, and only where there is no warning to give.
func TestForesee(t *testing.T) {
	const jax, other = "site/jax_plugins/xla_cuda13/xla_cuda_plugin.so", "mine/pjrt_c_api_cpu_plugin.so"
	gpu := func(s *system) { s.nvidia = true }
	for _, c := range []struct {
		name   string
		files  []string
		env    map[string]string
		change func(*system)
		want   string // "" where only Open knows
	}{
		{name: "pinned", files: []string{"cache/" + pinnedName}, want: CPU},
		{name: "asked for", files: []string{"cache/" + pinnedName}, env: map[string]string{backendEnv: "xla:cpu"}, want: CPU},
		{name: "go", env: map[string]string{backendEnv: "go:parallelism=1"}, want: Go},
		{name: "nothing installed"},
		{name: "a GPU", files: []string{jax, "cache/" + pinnedName}, change: gpu},
		{name: "a GPU without a plugin", files: []string{"cache/" + pinnedName}, change: gpu},
		{name: "another plugin", files: []string{other, "cache/" + pinnedName}, env: map[string]string{pluginEnv: "ROOT/mine"}},
		{name: "another backend", env: map[string]string{backendEnv: "other"}},
		{name: "an error", env: map[string]string{backendEnv: "xla"}},
	} {
		s, _ := machine(t, c.files, c.env, c.change)
		if got, ok := s.foresee(); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %t; want %q", c.name, got, ok, c.want)
		}
	}
}

func render(options []option, root string) string {
	var parts []string
	for _, o := range options {
		s := o.kind + "@" + strings.TrimPrefix(o.plugin, root+"/") + o.extra
		if o.config != "" {
			s = o.kind + "=" + o.config
		}
		if o.asked {
			s += "!"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestPinnedPluginIsVerifiedByPathToo(t *testing.T) {
	s, root := machine(t, []string{"cache/" + pinnedName}, map[string]string{backendEnv: "xla:ROOT/cache/" + pinnedName}, nil)
	options, err := choose(s)
	if err != nil || !options[0].verify {
		t.Fatalf("options %+v (%v) under %s: the pinned plugin named by path is not verified", options, err, root)
	}
}

func TestKindOf(t *testing.T) {
	for path, want := range map[string]string{
		"/cuda/pjrt_c_api_cpu_plugin.so":             CPU,
		"/x/pjrt_c_api_cpu_v0.114.0_plugin.so":       CPU,
		"/cpu/site-packages/xla_cuda_plugin.so":      CUDA,
		"/x/pjrt-plugin-nvidia.so":                   CUDA,
		"/x/pjrt_plugin_tpu.dylib":                   "tpu",
		"/home/nvidia/pjrt_c_api_METAL_plugin.dylib": "metal",
	} {
		if got := kindOf(path); got != want {
			t.Errorf("kindOf(%s) = %q, want %q", path, got, want)
		}
	}
}

func TestSettingKind(t *testing.T) {
	for setting, want := range map[string]string{"cuda": CUDA, "cuda, TF32 off": CUDA, "cpu": CPU, "go": Go, "any": Any} {
		if got := SettingKind(setting); got != want {
			t.Errorf("%s: %s, want %s", setting, got, want)
		}
	}
}

func TestNameable(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // only Linux can name a file through a descriptor
	}
	root := t.TempDir()
	tests := []struct {
		dir, file, kind string
		direct          bool
	}{
		{"plain", pinnedName, CPU, true},
		{"home/nvidia", pinnedName, CPU, false},
		{"barracuda", pinnedName, CPU, false},
		{"a,b", pinnedName, CPU, false},
		{"gpu", "xla_cuda_plugin.so", CUDA, true},
		{"CPU-tests", "xla_cuda_plugin.so", CUDA, false},
		{"cpu", "pjrt_plugin_tpu.so", "tpu", true},
	}
	for _, tt := range tests {
		path := filepath.Join(root, tt.dir, tt.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(tt.dir), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := nameable(path, tt.kind)
		if err != nil {
			t.Fatal(err)
		}
		if (got == path) != tt.direct {
			t.Errorf("nameable(%s) = %s", path, got)
		}
		if again, _ := nameable(got, tt.kind); again != got {
			t.Errorf("nameable(%s) = %s still misleads", path, got)
		}
		if text, err := os.ReadFile(got); err != nil || string(text) != tt.dir {
			t.Errorf("%s does not lead to %s: %q, %v", got, path, text, err)
		}
	}
}

func TestHidesAll(t *testing.T) {
	for visible, want := range map[string]bool{"": true, "-1": true, " none": true, "NoDevFiles": true, "0": false, "1,2": false,
		"GPU-12": false} {
		if got := hidesAll(visible); got != want {
			t.Errorf("hidesAll(%q) = %v", visible, got)
		}
	}
}

// A library that cannot be loaded (here a folder) does no harm.
func TestSetCUDAEnv(t *testing.T) {
	site := t.TempDir()
	for _, dir := range []string{"nvidia/cu13/lib/libcudart.so.13", "jax_plugins/xla_cuda13"} {
		if err := os.MkdirAll(filepath.Join(site, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range compilerFiles {
		empty(t, filepath.Join(site, "nvidia/cu13", file))
	}
	wheel := option{kind: CUDA, plugin: filepath.Join(site, "jax_plugins/xla_cuda13/xla_cuda_plugin.so")}
	dataDir := "--xla_gpu_cuda_data_dir=" + filepath.Join(site, "nvidia/cu13")
	tests := []struct {
		name, before, after string
		option              option
	}{
		{"fresh", "", dataDir, wheel},
		{"kept", "--xla_a=1", "--xla_a=1 " + dataDir, wheel},
		{"user's own", "--xla_gpu_cuda_data_dir=/usr", "--xla_gpu_cuda_data_dir=/usr", wheel},
		{"go-xla's layout", "", "", option{kind: CUDA, plugin: "/usr/local/lib/go-xla/nvidia/pjrt_c_api_cuda_plugin.so"}},
		{"CPU", "", "", option{kind: CPU, plugin: wheel.plugin}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("GOPJRT_CUDA_CHECKS", "")
			t.Setenv("XLA_FLAGS", tt.before)
			setCUDAEnv(tt.option)
			if got := os.Getenv("XLA_FLAGS"); got != tt.after {
				t.Errorf("XLA_FLAGS %q, want %q", got, tt.after)
			}
		})
	}
}
