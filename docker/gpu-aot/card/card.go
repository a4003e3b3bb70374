// SPDX-License-Identifier: Apache-2.0

// Package card has the facts of GPUs that a program can be compiled for in their absence: those that XLA asks a driver for, and the
// peaks of a roofline. The sources are NVIDIA's data sheets and the CUDA programming guide's table of compute capabilities; clocks
// and memory are what drivers report.
package card

import (
	"fmt"
	"strings"
)

// Card is a GPU.
type Card struct {
	Name  string // as its driver calls it
	Major int    // compute capability, as 9.0
	Minor int

	Multiprocessors int
	FP32Cores       int   // of a multiprocessor
	SharedMemory    int   // bytes of a multiprocessor
	SharedPerBlock  int   // bytes that a block may ask for
	L2              int   // bytes
	Memory          int64 // bytes

	GHz float64 // of the multiprocessors, at most

	Peaks Peaks
}

// Peaks are what the card does at most in a second, for dense matrices.
type Peaks struct {
	Bandwidth               float64 // bytes of its memory
	BFloat16, TF32, Float32 float64 // FLOPs: the first two in tensor cores, the last outside of them
}

// hopper are the peaks of GH100 with 132 multiprocessors, but for the memory.
func hopper(bandwidth float64) Peaks { return Peaks{bandwidth, 989e12, 494.5e12, 67e12} }

// Cards lists the cards by the names of --target.
var Cards = map[string]Card{
	"a100": {"NVIDIA A100-SXM4-80GB", 8, 0, 108, 64, 167936, 166912, 41943040, 85100068864, 1.41,
		Peaks{2.03904e12, 312e12, 156e12, 19.5e12}},
	"h100": {"NVIDIA H100 80GB HBM3", 9, 0, 132, 128, 233472, 232448, 52428800, 84942979072, 1.98, hopper(3.35232e12)},
	"h200": {"NVIDIA H200", 9, 0, 132, 128, 233472, 232448, 52428800, 151397597184, 1.98, hopper(4.8e12)},
}

// Capability is the architecture that the card's code is for, as "sm_90".
func (c Card) Capability() string { return fmt.Sprintf("sm_%d%d", c.Major, c.Minor) }

// Target is the xla.GpuTargetConfigProto of the card, as text. The versions are those of CUDA and cuDNN that the pinned plugin is
// made with; a program that the plugin would only compile for newer ones is refused.
func (c Card) Target() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("gpu_device_info {")
	line("  name: %q device_vendor: \"NVIDIA Corporation\"", c.Name)
	line("  cuda_compute_capability { major: %d minor: %d feature_extension: %s }", c.Major, c.Minor, c.extension())
	line("  core_count: %d fpus_per_core: %d clock_rate_ghz: %g", c.Multiprocessors, c.FP32Cores, c.GHz)
	line("  device_memory_size: %d memory_bandwidth: %.0f l2_cache_size: %d", c.Memory, c.Peaks.Bandwidth, c.L2)
	line("  shared_memory_per_core: %d shared_memory_per_block_optin: %d", c.SharedMemory, c.SharedPerBlock)
	// The same for every card since compute capability 8.0.
	line("  shared_memory_per_block: 49152 threads_per_warp: 32 threads_per_block_limit: 1024 threads_per_core_limit: 2048")
	line("  registers_per_core_limit: 65536 registers_per_block_limit: 65536")
	line("  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535")
	line("  thread_dim_limit_x: 1024 thread_dim_limit_y: 1024 thread_dim_limit_z: 64")
	line("  device_address_bits: 64 ecc_enabled: true pcie_bandwidth: 34359738368")
	line("  driver_version: \"13.0.0\" runtime_version: \"13.5.0\" compile_time_toolkit_version: \"13.5.0\"")
	line("  dnn_version: \"9.28.1\"")
	line("}")
	line("platform_name: \"CUDA\"")
	line("dnn_version_info { major: 9 minor: 28 patch: 1 }")
	line("device_description_str: %q", c.Name)
	return b.String()
}

// extension reports whether code may use what only this generation has, as Hopper's wgmma.
func (c Card) extension() string {
	if c.Major == 9 {
		return "ACCELERATED_FEATURES"
	}
	return "NONE"
}
