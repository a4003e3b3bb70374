// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/compilecache/ondisk"
)

// pythonDirs lists the folders in which the user's Python looks for packages: those of the active environment, of the Pythons on
// PATH, of PYTHONPATH and of the user's own.
func pythonDirs() []string {
	var dirs []string
	under := func(prefix string) {
		dirs = append(dirs, globs(filepath.Join(prefix, "lib", "python3*", "site-packages"))...)
	}
	for _, env := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := os.Getenv(env); prefix != "" {
			under(prefix)
		}
	}
	for _, python := range []string{"python3", "python"} {
		dirs = append(dirs, searchPath(python)...)
	}
	for _, dir := range filepath.SplitList(os.Getenv("PYTHONPATH")) {
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		under(filepath.Join(home, ".local"))
	}
	return unique(dirs)
}

// searchPath is Python's sys.path; none where it does not run.
func searchPath(python string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "-c", "import sys; print('\\n'.join(sys.path))").Output()
	if err != nil {
		return nil
	}
	var dirs []string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); filepath.IsAbs(line) {
			dirs = append(dirs, line)
		}
	}
	return dirs
}

// unique keeps the first of equal texts.
func unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// jaxPlugins lists the CUDA plugins of JAX's wheels in a folder: a site-packages, a jax_plugins, or the plugin's own. The newest
// CUDA comes first. go-xla would not find them, by their name.
func jaxPlugins(dir string) []string {
	var found []string
	for _, pattern := range []string{"xla_cuda_plugin.so", "xla_cuda*/xla_cuda_plugin.so",
		"jax_plugins/xla_cuda*/xla_cuda_plugin.so"} {
		paths := globs(filepath.Join(dir, filepath.FromSlash(pattern)))
		for i := len(paths) - 1; i >= 0; i-- {
			found = append(found, paths[i])
		}
	}
	return found
}

// wheelLibraries are NVIDIA's libraries that XLA opens by name, in the order in which JAX loads them: a folder of its wheels below
// site-packages/nvidia, and the library. Once loaded they are found by name, from any folder; LD_LIBRARY_PATH would have
// to be set before the process starts.
var wheelLibraries = [][2]string{
	{"cuda_runtime", "libcudart.so.12"}, {"cu13", "libcudart.so.13"},
	{"cuda_nvrtc", "libnvrtc.so.12"}, {"cu13", "libnvrtc.so.13"},
	{"cublas", "libcublasLt.so.12"}, {"cublas", "libcublas.so.12"}, {"cu13", "libcublasLt.so.13"}, {"cu13", "libcublas.so.13"},
	{"nccl", "libnccl.so.2"},
	{"cuda_cupti", "libcupti.so.12"}, {"cu13", "libcupti.so.13"},
	{"nvjitlink", "libnvJitLink.so.12"}, {"cu13", "libnvJitLink.so.13"},
	{"cusparse", "libcusparse.so.12"}, {"cu13", "libcusparse.so.12"},
	{"cusolver", "libcusolver.so.11"}, {"cu13", "libcusolver.so.12"},
	{"cufft", "libcufft.so.11"}, {"cu13", "libcufft.so.12"},
	{"nvshmem", "libnvshmem_host.so.3"},
	{"cudnn", "libcudnn.so.9"},
}

// nvidiaLibraries lists those of wheelLibraries that are there.
func nvidiaLibraries(site string) []string {
	var found []string
	for _, l := range wheelLibraries {
		path := filepath.Join(site, "nvidia", l[0], "lib", l[1])
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		}
	}
	return found
}

// ofWheels reports whether a plugin is CUDA's from the wheels of JAX.
func ofWheels(o option) bool {
	return o.kind == CUDA && filepath.Base(filepath.Dir(filepath.Dir(o.plugin))) == "jax_plugins"
}

// setCUDAEnv tells XLA where the JAX wheels keep ptxas and libdevice, and loads their libraries; go-xla knows only its own layout,
// and warns at length when it does not find it. XLA_FLAGS of the user stay as they are.
func setCUDAEnv(o option) {
	if !ofWheels(o) {
		return
	}
	site := filepath.Dir(filepath.Dir(filepath.Dir(o.plugin)))
	for _, library := range nvidiaLibraries(site) {
		preload(library)
	}
	if os.Getenv("GOPJRT_CUDA_CHECKS") == "" {
		_ = os.Setenv("GOPJRT_CUDA_CHECKS", "0")
	}
	addFlag("--xla_gpu_cuda_data_dir", func() string { return cudaData(site) })
}

// addFlag adds a flag to XLA_FLAGS, unless the user has given it: the value is asked for only then, and "" adds nothing.
func addFlag(flag string, value func() string) {
	flags := os.Getenv("XLA_FLAGS")
	if strings.Contains(flags, flag) {
		return
	}
	if v := value(); v != "" {
		_ = os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" "+flag+"="+v))
	}
}

// tuningFolder is below vsim's cache folder. It has a folder for each build of a plugin.
const tuningFolder = "tuning"

// keepTuning lets XLA write the tiles that it chose for a product into files. While it compiles it times many on the card, and that
// is most of the minutes that BERT-large's step takes to compile; the programs of other batches have the same products. XLA_FLAGS
// that name a folder stay as they are. Plugins that are not of JAX's wheels are left alone: one that does not know the flag would
// end the process.
func keepTuning(o option) {
	if ofWheels(o) && os.Getenv(ondisk.Env) != ondisk.Off {
		addFlag("--xla_gpu_per_fusion_autotune_cache_dir", o.tuning)
	}
}

// tuning makes the folder for what XLA tunes by this build of the plugin; "" where there can be none, and each process tunes anew.
func (o option) tuning() string {
	identity, err := o.identity()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(identity))
	dir, err := cachedir.Path(tuningFolder, hex.EncodeToString(sum[:8]))
	if err != nil || strings.ContainsAny(dir, " \t\n") || cachedir.Make(dir) != nil { // XLA separates flags by spaces
		return ""
	}
	return dir
}

// compilerFiles are what XLA compiles by, below its CUDA folder: the assembler, and the library of mathematical functions.
var compilerFiles = []string{"bin/ptxas", "nvvm/libdevice/libdevice.10.bc"}

// cudaData is the folder of wheels that has all compilerFiles, "" where none has: XLA then looks for a CUDA toolkit by itself. The
// folder nvidia/cu13 also exists without the wheels nvidia-cuda-nvcc and nvidia-nvvm, and XLA, pointed at it, could not compile.
func cudaData(site string) string {
	for _, dir := range []string{"nvidia/cu13", "nvidia/cuda_nvcc"} {
		data := filepath.Join(site, filepath.FromSlash(dir))
		lacks := func(name string) bool {
			_, err := os.Stat(filepath.Join(data, filepath.FromSlash(name)))
			return err != nil
		}
		if !slices.ContainsFunc(compilerFiles, lacks) {
			return data
		}
	}
	return ""
}

// noDevices is how XLA's CUDA plugin ends its start where it finds no card.
const noDevices = "No visible GPU devices"

// explained adds to an error of the CUDA plugin what to look at, where that is known.
func explained(err error) error {
	if err == nil || !strings.Contains(err.Error(), noDevices) {
		return err
	}
	visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES")
	hidden := "CUDA_VISIBLE_DEVICES is not set"
	if set {
		hidden = fmt.Sprintf("CUDA_VISIBLE_DEVICES is %q: it must name a card that nvidia-smi lists", visible)
	}
	return fmt.Errorf("%s look at the driver (nvidia-smi must list the card; CUDA 13 needs driver 580 or newer, CUDA 12 525); %s; "+
		"in a container, at its runtime (docker run --gpus all, with the NVIDIA container toolkit); on a card divided by MIG, "+
		"at its instances (nvidia-smi -L must list one, and CUDA_VISIBLE_DEVICES may have to name it)",
		strings.TrimRight(err.Error(), ". ")+":", hidden)
}
