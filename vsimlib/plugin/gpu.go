// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/wheel"
)

// gpuFolder is the GPU compiler's in vsim's cache folder. It has the version, so that a new pin is seen.
const gpuFolder = "gpu-aot-0.11.2"

// gpuCompiler lists the wheels that docker/gpu-aot compiles with, and the folders of their files below gpuFolder. Versions and
// checksums are those of docker/cuda.txt. XLA looks for ptxas and libdevice at these paths below --xla_gpu_cuda_data_dir.
var gpuCompiler = []struct {
	folder string
	wheel  wheel.Wheel
}{
	{"plugin", wheel.Wheel{
		What: "XLA's CUDA plugin", Name: "jax-cuda13-pjrt", Version: "0.11.2", Tag: "manylinux_2_27_x86_64",
		SHA256: "e5ff589d43064913bb74027682d89639c7ea48f9f81c2bae6fc75117e913f93e",
		Files: []wheel.File{{Path: "jax_plugins/xla_cuda13/xla_cuda_plugin.so", Size: 411465856,
			SHA256: "43d3efd6fd43d8a5d9aa67176e830d81e4ad5fc19fda4ad09cdcc4aebd9f3920"}},
	}},
	{"bin", wheel.Wheel{
		What: "NVIDIA's assembler", Name: "nvidia-cuda-nvcc", Version: "13.4.92", Tag: "manylinux2014_x86_64",
		SHA256: "a1f3bfb27299e060b444d5df1f4bcd762501326cf0fd3141ed61756816ab9a0e",
		Files: []wheel.File{
			{Path: "nvidia/cu13/bin/ptxas", Size: 51967496, SHA256: "6f6a701573ac9f5c2409708b3b700cb9b2a0f11b13c20468153c13b597b2d6d3"},
			{Path: "nvidia_cuda_nvcc-13.4.92.dist-info/licenses/License.txt", Size: 59262, SHA256: nvidiaLicence},
		},
	}},
	{"nvvm/libdevice", wheel.Wheel{
		What: "NVIDIA's device library", Name: "nvidia-nvvm", Version: "13.4.92", Tag: "manylinux2010_x86_64",
		SHA256: "e4c81cb321dd9743bcf871c5e7e8fecd7f05dea607944426e102bdda8d49e137",
		Files: []wheel.File{
			{Path: "nvidia/cu13/nvvm/libdevice/libdevice.10.bc", Size: 465412,
				SHA256: "93d6b5b9c8b284a2273b2b2578ac42c59b21c9091e1d35bb63a9b7f9072079dd"},
			{Path: "nvidia_nvvm-13.4.92.dist-info/licenses/License.txt", Size: 59262, SHA256: nvidiaLicence},
		},
	}},
}

const nvidiaLicence = "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"

// GPUCompiler returns the folder of the compiler for absent GPUs, and reports whether its files are in the user's cache with the
// right checksums.
func GPUCompiler() (dir string, ok bool) {
	dir, err := cachedir.Path(gpuFolder)
	if err != nil {
		return "", false
	}
	for _, part := range gpuCompiler {
		if part.wheel.Installed(filepath.Join(dir, filepath.FromSlash(part.folder))) != nil {
			return "", false
		}
	}
	return dir, true
}

// InstallGPUCompiler puts the compiler for absent GPUs into the user's cache and returns its folder; where it is installed, it
// does nothing. See [wheel.Wheel.Fetch]. Progress goes to log.
func InstallGPUCompiler(ctx context.Context, log io.Writer) (dir string, err error) {
	if !supported {
		return "", fmt.Errorf("plugin: the GPU compiler is for linux/amd64 with cgo")
	}
	if dir, err = cachedir.Path(gpuFolder); err != nil {
		return "", fmt.Errorf("plugin: %w", err)
	}
	for _, part := range gpuCompiler {
		folder := filepath.Join(dir, filepath.FromSlash(part.folder))
		if err := part.wheel.Fetch(ctx, folder, log); err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return "", fmt.Errorf("plugin: installing %s: %w", part.wheel.What, err)
		}
	}
	// A wheel's files are stored without permissions; XLA starts this one.
	return dir, os.Chmod(filepath.Join(dir, "bin", "ptxas"), 0o755)
}
