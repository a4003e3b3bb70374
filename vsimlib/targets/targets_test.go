// SPDX-License-Identifier: Apache-2.0

package targets

import (
	"math"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
)

// TestTargets: rank-normalised labels of five pairs (average ranks 1.5 1.5 3 4 5, so 0 0 3/7 5/7 1), and raw ones, which stay.
func TestTargets(t *testing.T) {
	pairs := []corpus.Pair{{Score: 0}, {Score: 0}, {Score: 0.05}, {Score: 0.5}, {Score: 0.8}}
	for kind, want := range map[string]map[float64]float64{
		"":                {0: 0, 0.05: 3. / 7, 0.5: 5. / 7, 0.8: 1},
		recipe.LabelsRank: {0: 0, 0.05: 3. / 7, 0.5: 5. / 7, 0.8: 1},
		recipe.LabelsRaw:  {0: 0, 0.05: 0.05, 0.5: 0.5, 0.8: 0.8},
	} {
		got, err := Of(pairs, kind)
		if err != nil {
			t.Fatal(err)
		}
		for score, label := range want {
			if math.Abs(got[score]-label) > 1e-15 {
				t.Errorf("%q: %g becomes %g, want %g", kind, score, got[score], label)
			}
		}
	}
	_, err := Of(pairs[:2], recipe.LabelsRaw)
	if err == nil || !strings.Contains(err.Error(), "all 2 values are 0") {
		t.Errorf("error %v", err)
	}
}
