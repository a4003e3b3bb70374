// SPDX-License-Identifier: Apache-2.0

package dense

import "golang.org/x/sys/cpu"

// vectors is whether the CPU can run dot4, add4 and both4.
var vectors = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// wide is whether it can run the kernels of eight rows.
var wide = cpu.X86.HasAVX512F

func fast32() (list []*kernel[float32]) {
	if wide {
		list = append(list, &kernel[float32]{"AVX-512", 8, 32, add8x32})
	}
	if vectors {
		list = append(list, &kernel[float32]{"AVX2", 4, 16, add4x16})
	}
	return list
}

func fast64() (list []*kernel[float64]) {
	if wide {
		list = append(list, &kernel[float64]{"AVX-512", 8, 16, add8x16})
	}
	if vectors {
		list = append(list, &kernel[float64]{"AVX2", 4, 8, add4x8})
	}
	return list
}

// The four below are kernel.add.

//go:noescape
func add8x32(c *float32, ldc int, a *float32, rs, cs int, b *float32, depth int)

//go:noescape
func add4x16(c *float32, ldc int, a *float32, rs, cs int, b *float32, depth int)

//go:noescape
func add8x16(c *float64, ldc int, a *float64, rs, cs int, b *float64, depth int)

//go:noescape
func add4x8(c *float64, ldc int, a *float64, rs, cs int, b *float64, depth int)

// dot4 writes into sums the dot products of x with four rows, stride apart; n is a multiple of lanes.
//
//go:noescape
func dot4(rows *float64, stride int, x *float64, n int, sums *[group]float64)

// add4 adds four rows, times their factors, to y.
//
//go:noescape
func add4(rows *float64, stride int, y *float64, n int, factors *[group]float64)

// both4 is dot4 and add4 in one pass over the rows.
//
//go:noescape
func both4(rows *float64, stride int, x, y *float64, n int, factors, sums *[group]float64)
