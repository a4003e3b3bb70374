// SPDX-License-Identifier: Apache-2.0

package own

import "math"

// wave is a number of either sign, a function of i alone.
func wave(i int, speed float64) float32 { return float32(1.5 * math.Sin(speed*float64(i)+0.4)) }

// waves3 are numbers of both signs [a,b,c].
func waves3(a, b, c int, speed float64) [][][]float32 {
	x := make([][][]float32, a)
	for i := range x {
		for j := range b {
			row := make([]float32, c)
			for k := range row {
				row[k] = wave((i*b+j)*c+k, speed)
			}
			x[i] = append(x[i], row)
		}
	}
	return x
}

// units are rows of length one [n,d].
func units(n, d int, speed float64) [][]float32 {
	x := waves3(1, n, d, speed)[0]
	for _, row := range x {
		sum := 0.0
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		for i := range row {
			row[i] /= float32(math.Sqrt(sum))
		}
	}
	return x
}

func sampleStates() [][][]float32 { return waves3(sampleB, sampleS, sampleH, 1.1) }

// sampleMask has rows of several lengths.
func sampleMask() [][]float32 {
	mask := make([][]float32, sampleB)
	for i := range mask {
		mask[i] = make([]float32, sampleS)
		for j := range max(1, sampleS-2*i) {
			mask[i][j] = 1
		}
	}
	return mask
}
