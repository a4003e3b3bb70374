// SPDX-License-Identifier: Apache-2.0

package rank_test

import (
	"fmt"

	"vsim/vsimlib/rank"
)

func ExampleAverage() {
	fmt.Println(rank.Average([]float64{0.2, 0.5, 0.2, 0.9}))
	// Output: [1.5 3 1.5 4]
}

// Labels have few levels, so ties are common: tied labels get one value.
func ExampleNormalize() {
	labels, err := rank.Normalize([]float64{0, 0.05, 0.05, 1, 0.3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(labels)
	// Output: [0 0.375 0.375 1 0.75]
}

func ExampleSpearman() {
	cosines := []float64{0.11, 0.58, 0.40, 0.97}
	labels := []float64{0, 0.5, 0.5, 1}
	rho, err := rank.Spearman(cosines, labels)
	fmt.Printf("%.4f %v\n", rho, err)

	// A constant side has no correlation; that is an error, not a number.
	_, err = rank.Spearman(cosines, []float64{0.5, 0.5, 0.5, 0.5})
	fmt.Println(err != nil)
	// Output:
	// 0.9487 <nil>
	// true
}
