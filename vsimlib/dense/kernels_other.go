// SPDX-License-Identifier: Apache-2.0

//go:build !amd64

package dense

var vectors = false

func fast32() []*kernel[float32] { return nil }
func fast64() []*kernel[float64] { return nil }

func dot4(rows *float64, stride int, x *float64, n int, sums *[group]float64)    { panic("no vectors") }
func add4(rows *float64, stride int, y *float64, n int, factors *[group]float64) { panic("no vectors") }
func both4(rows *float64, stride int, x, y *float64, n int, factors, sums *[group]float64) {
	panic("no vectors")
}
