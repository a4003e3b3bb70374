// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWordsOfEnsembles counts anew what notebooks 00 and 08 say of pairs of members, from the points of the ensembles' figures.
func TestWordsOfEnsembles(t *testing.T) {
	cells := ""
	for _, p := range notebookCells(t) {
		cells += strings.Join(strings.Fields(p.text), " ") + "\n"
	}
	var twoBest, best []int
	for _, name := range []string{"study_ensemble-sizes", "study_ensemble-emoji-sizes"} {
		bySeed := ensembleScores(t, "figures/"+name+".csv")
		two, one := 0, 0
		for _, scores := range bySeed {
			ranked := highest(scores, 1)
			pair := highest(scores, 2)[0]
			if strings.Contains(pair, ranked[0]) {
				one++
				if strings.Contains(pair, ranked[1]) {
					two++
				}
			}
		}
		twoBest, best = append(twoBest, two), append(best, one)
		if len(bySeed) != 5 {
			t.Errorf("%s has %d seeds, the notebooks say five", name, len(bySeed))
		}
	}
	for _, want := range []string{
		fmt.Sprintf("the two best members in %d of 10 cases (%d on the controlled corpus, %d on emoji)", twoBest[0]+twoBest[1], twoBest[0], twoBest[1]),
		fmt.Sprintf("it had the best member in %d of 10.", best[0]+best[1]),
		quickstartPairs(ensembleScores(t, "figures/study_ensemble-emoji-sizes.csv")),
	} {
		if !strings.Contains(cells, want) {
			t.Errorf("no notebook says %q", want)
		}
	}
}

// quickstartPairs says how much members 1 and 2 together are above the better of them, for every seed.
func quickstartPairs(bySeed map[string]map[string]float64) string {
	var list []string
	for _, seed := range slices.Sorted(maps.Keys(bySeed)) {
		s := bySeed[seed]
		text := fmt.Sprintf("%+.3f", s["1+2"]-max(s["1"], s["2"]))
		list = append(list, strings.NewReplacer("0.", ".", "-", "−").Replace(text))
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last] + " above the better one"
}

// highest returns the sets of n members, the best first.
func highest(scores map[string]float64, n int) []string {
	sets := slices.DeleteFunc(slices.Collect(maps.Keys(scores)), func(set string) bool { return strings.Count(set, "+") != n-1 })
	slices.SortFunc(sets, func(a, b string) int {
		if scores[a] > scores[b] {
			return -1
		}
		return 1
	})
	return sets
}

// ensembleScores reads seed → members → score of the sets that are concatenated.
func ensembleScores(t *testing.T, path string) map[string]map[string]float64 {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(readFile(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	bySeed := map[string]map[string]float64{}
	for _, row := range rows[1:] { // models, members, way, mean, low, high
		seed, ok := strings.CutPrefix(row[2], "concatenation, seed ")
		if !ok {
			continue
		}
		if bySeed[seed] == nil {
			bySeed[seed] = map[string]float64{}
		}
		if bySeed[seed][row[1]], err = strconv.ParseFloat(row[3], 64); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return bySeed
}
