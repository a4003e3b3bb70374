// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNVIDIALibraries: what the wheels of CUDA 12 or 13 have is found, cuBLASLt before cuBLAS, which needs it.
func TestNVIDIALibraries(t *testing.T) {
	for _, c := range []struct{ files, want []string }{
		{nil, nil},
		{[]string{"cudnn/lib/libcudnn.so.9", "cu13/lib/libcublas.so.13", "cu13/lib/libcublasLt.so.13", "cu13/lib/libother.so"},
			[]string{"cu13/lib/libcublasLt.so.13", "cu13/lib/libcublas.so.13", "cudnn/lib/libcudnn.so.9"}},
		{[]string{"cublas/lib/libcublas.so.12", "cuda_runtime/lib/libcudart.so.12"},
			[]string{"cuda_runtime/lib/libcudart.so.12", "cublas/lib/libcublas.so.12"}},
	} {
		site := t.TempDir()
		for _, file := range c.files {
			empty(t, filepath.Join(site, "nvidia", filepath.FromSlash(file)))
		}
		got := nvidiaLibraries(site)
		for i := range got {
			got[i] = strings.TrimPrefix(filepath.ToSlash(got[i]), filepath.ToSlash(site)+"/nvidia/")
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}

// TestCUDAData: XLA is pointed at a folder only where the assembler and the device library are in it.
func TestCUDAData(t *testing.T) {
	for _, c := range []struct {
		files []string
		want  string
	}{
		{nil, ""},
		{[]string{"cu13/lib/libcudart.so.13"}, ""}, // without nvidia-cuda-nvcc and nvidia-nvvm
		{[]string{"cu13/bin/ptxas"}, ""},
		{[]string{"cu13/nvvm/libdevice/libdevice.10.bc"}, ""},
		{[]string{"cu13/bin/ptxas", "cu13/nvvm/libdevice/libdevice.10.bc"}, "cu13"},
		{[]string{"cu13/bin/ptxas", "cuda_nvcc/bin/ptxas", "cuda_nvcc/nvvm/libdevice/libdevice.10.bc"}, "cuda_nvcc"},
	} {
		site := t.TempDir()
		plugin := filepath.Join(site, "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so")
		for _, file := range c.files {
			empty(t, filepath.Join(site, "nvidia", filepath.FromSlash(file)))
		}
		t.Setenv("XLA_FLAGS", "--xla_mine")
		setCUDAEnv(option{kind: CUDA, plugin: plugin})
		want := "--xla_mine"
		if c.want != "" {
			want += " --xla_gpu_cuda_data_dir=" + filepath.Join(site, "nvidia", c.want)
		}
		if got := os.Getenv("XLA_FLAGS"); got != want {
			t.Errorf("%v: XLA_FLAGS %q, want %q", c.files, got, want)
		}
	}
}

// TestKeepTuning: XLA gets a folder for what it tuned, one for each build of JAX's plugin, and none where the user names one, wants
// no cache or has another plugin.
func TestKeepTuning(t *testing.T) {
	const flag = "--xla_gpu_per_fusion_autotune_cache_dir="
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	plugin := filepath.Join(t.TempDir(), "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so")
	empty(t, plugin)
	flags := func(o option, cache, before string) string {
		t.Setenv("XLA_FLAGS", before)
		t.Setenv("VSIM_COMPILE_CACHE", cache)
		keepTuning(o)
		return os.Getenv("XLA_FLAGS")
	}
	cuda := option{kind: CUDA, plugin: plugin}
	for _, c := range []struct {
		option
		cache, flags string
	}{
		{option{kind: CPU, plugin: plugin}, "", "--xla_mine"},
		{option{kind: CUDA, plugin: "/elsewhere/pjrt_c_api_cuda_plugin.so"}, "", ""},
		{cuda, "", "--xla_mine " + flag + "/elsewhere"},
		{cuda, "off", ""},
	} {
		if got := flags(c.option, c.cache, c.flags); got != c.flags {
			t.Errorf("%+v: XLA_FLAGS %q", c, got)
		}
	}
	first := flags(cuda, "", "--xla_mine")
	dir, ok := strings.CutPrefix(first, "--xla_mine "+flag)
	info, err := os.Stat(dir)
	if !ok || err != nil || info.Mode().Perm() != 0o700 || filepath.Dir(dir) != filepath.Join(home, "vsim", "tuning") {
		t.Errorf("XLA_FLAGS %q: %v", first, err)
	}
	if err := os.WriteFile(plugin, []byte("another build"), 0o600); err != nil {
		t.Fatal(err)
	}
	if second := flags(cuda, "", "--xla_mine"); second == first {
		t.Errorf("two builds share %s", dir)
	}
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "with a space"))
	if got := flags(cuda, "", ""); got != "" {
		t.Errorf("XLA_FLAGS %q", got)
	}
}

// TestNoVisibleDevices: where the plugin sees no card, the error says where to look.
func TestNoVisibleDevices(t *testing.T) {
	t.Setenv("CUDA_VISIBLE_DEVICES", "7")
	err := explained(errors.New("PJRT error (code=9): No visible GPU devices."))
	for _, part := range []string{"(code=9): No visible GPU devices: look at the driver (nvidia-smi", `CUDA_VISIBLE_DEVICES is "7"`,
		"docker run --gpus all", "MIG", "nvidia-smi -L"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in %q", part, err)
		}
	}
	if other := errors.New("no plugin"); explained(other) != other || explained(nil) != nil {
		t.Error("another error is explained")
	}
}

func empty(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPythonDirs: environments come first, the user's own folder is in without a Python, and none is a duplicate.
func TestPythonDirs(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"venv/lib/python3.12/site-packages", "home/.local/lib/python3.11/site-packages", "extra"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", filepath.Join(root, "none"))
	t.Setenv("HOME", filepath.Join(root, "home"))
	t.Setenv("VIRTUAL_ENV", filepath.Join(root, "venv"))
	t.Setenv("CONDA_PREFIX", filepath.Join(root, "venv"))
	t.Setenv("PYTHONPATH", filepath.Join(root, "extra")+string(filepath.ListSeparator)+"relative")
	got := strings.ReplaceAll(strings.Join(pythonDirs(), " "), root+"/", "")
	if want := "venv/lib/python3.12/site-packages extra home/.local/lib/python3.11/site-packages"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
