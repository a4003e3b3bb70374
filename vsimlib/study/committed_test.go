// SPDX-License-Identifier: Apache-2.0

package study

import (
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
)

// committed are the tables of data/results by the name of their results, such as ensemble-emoji.
func committed(t *testing.T) map[string]*results.Table {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "data", "results", "study-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]*results.Table{}
	for _, file := range files {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".json"), "study-")
		if name == "claims" {
			continue
		}
		if tables[name], err = results.ReadTable(file); err != nil {
			t.Fatal(err)
		}
	}
	return tables
}

// TestCommitted: every study that a notebook shows is committed with all cells and seeds, each with a score, and what a table
// says of the scores is computed from them. Modalities are shown on emoji alone.
func TestCommitted(t *testing.T) {
	tables := committed(t)
	shown := slices.DeleteFunc(Names(), func(name string) bool { return name == Modalities })
	for _, name := range append(shown, Tasks+"-emoji", Ensembles+"-emoji", Modalities+"-emoji", Ladder+"-emoji") {
		table := tables[name]
		if table == nil {
			t.Errorf("study %s: no table", name)
			continue
		}
		corpus := Controlled
		if strings.HasSuffix(name, "-emoji") {
			corpus = filepath.Join("..", "..", "data", "emoji")
		}
		s, err := New(table.Study, Options{Scale: Demo, Corpus: corpus, Runs: "runs"})
		if err != nil {
			t.Fatal(err)
		}
		if table.Scale != Demo || table.Baseline != s.Baseline || !slices.Equal(table.Seeds, s.Seeds) || !table.Base.Equal(s.Base) {
			t.Errorf("study %s: scale %s, baseline %s, seeds %v; want %s, %s, %v, and the base of today", name, table.Scale, table.Baseline,
				table.Seeds, Demo, s.Baseline, s.Seeds)
		}
		same := func(c results.Cell, of Cell) bool { return c.Label == of.Label }
		if !slices.EqualFunc(table.Cells, s.Cells, same) {
			t.Errorf("study %s: other cells than today's", name)
		}
		checkScores(t, name, table)
		checkFamily(t, name, table)
	}
}

// checkScores recomputes means, spreads and paired differences.
func checkScores(t *testing.T, name string, table *results.Table) {
	t.Helper()
	of := func(c *results.Cell) (list []float64) {
		if len(c.Scores) != len(table.Seeds) || slices.Contains(c.Scores, nil) || len(c.Errors) > 0 {
			t.Fatalf("study %s, %s: %d scores, failures %v", name, c.Label, len(c.Scores), c.Errors)
		}
		for _, s := range c.Scores {
			list = append(list, *s)
		}
		return list
	}
	base := of(table.Find(table.Baseline))
	rows := table.Rows()
	for i := range rows {
		c := &rows[i]
		scores := of(c)
		mean, sd := meanAndSpread(scores)
		if math.Abs(c.Spearman.Mean-mean) > 2e-6 || math.Abs(*c.SD-sd) > 2e-6 || c.Spearman.Seeds != len(scores) {
			t.Errorf("study %s, %s: %+v ± %g, of its scores %g ± %g", name, c.Label, *c.Spearman, *c.SD, mean, sd)
		}
		for k := range scores {
			scores[k] -= base[k]
		}
		if d, _ := meanAndSpread(scores); c.Difference != nil && math.Abs(c.Difference.Mean-d) > 2e-6 {
			t.Errorf("study %s, %s: difference %g, of its scores %g", name, c.Label, c.Difference.Mean, d)
		}
	}
}

func meanAndSpread(list []float64) (mean, sd float64) {
	for _, v := range list {
		mean += v / float64(len(list))
	}
	for _, v := range list {
		sd += (v - mean) * (v - mean) / float64(len(list)-1)
	}
	return mean, math.Sqrt(sd)
}

// checkFamily recomputes the corrected p-values, as far as two digits of the others allow.
func checkFamily(t *testing.T, name string, table *results.Table) {
	t.Helper()
	var p []float64
	all := table.Differences()
	for _, d := range all {
		if d.P == nil || d.Holm == nil {
			t.Fatalf("study %s: a comparison without a p-value: %+v", name, *d)
		}
		p = append(p, *d.P)
	}
	for i, want := range confidence.Holm(p) {
		if got := *all[i].Holm; math.Abs(got-want) > .06*want+1e-5 {
			t.Errorf("study %s: corrected p-value %g of %g, want %g", name, got, p[i], want)
		}
	}
}

// TestCommittedClaims: the committed verdicts, with their words and sources, are those of the committed tables.
func TestCommittedClaims(t *testing.T) {
	tables := committed(t)
	var kept results.Claims
	if err := jsonfile.Read(filepath.Join("..", "..", "data", "results", "study-claims.json"), &kept); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range kept.Claims {
		if !slices.Contains(names, c.Study) {
			names = append(names, c.Study)
		}
	}
	var want []results.Claim
	for _, name := range names {
		want = append(want, Claims(tables[name], name)...)
	}
	if len(want) < len(claims) || !reflect.DeepEqual(kept.Claims, want) {
		t.Errorf("committed are %d claims, of the tables there are %d, of which some differ", len(kept.Claims), len(want))
	}
}
