// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"cmp"
	"slices"
)

// levelSteps is the number of steps between the label levels 0, .05 … 1.
const levelSteps = 20

// levelCounts is how often each level occurs among the 67,899 pairs of the competition.
var levelCounts = [levelSteps + 1]int{24692, 3743, 2591, 2066, 1307, 1058, 1126, 1578, 1572, 1368, 4718, 1960, 2081, 1929, 1192,
	794, 855, 1315,
	1301, 1202, 9451}

// setLevels labels the links by the order of their similarities, each level in its published share.
func setLevels(links []link, similarity []float64) {
	order := make([]int, len(links))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(similarity[i], similarity[j]), i-j) })
	total, upTo, level := 0, levelCounts[0], 0
	for _, n := range levelCounts {
		total += n
	}
	for rank, i := range order {
		for rank*total >= upTo*len(links) {
			level++
			upTo += levelCounts[level]
		}
		links[i].level = uint8(level)
	}
}
