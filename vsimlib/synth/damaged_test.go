// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/manifest"
)

// TestDamagedCorpus damages one file of a generated corpus at a time, at random: opening and checking it name the file.
func TestDamagedCorpus(t *testing.T) {
	good := filepath.Join(t.TempDir(), "corpus")
	o := Options{Out: good, Like: Controlled, Pointwise: 40, Pairs: 200, Seed: 7}
	if _, err := Write(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	names, err := manifest.Names(good, ".")
	if err != nil || len(names) < 7 {
		t.Fatalf("%v, %v", names, err)
	}
	names = append(names, "vsim.json")
	trials := 120
	if testing.Short() {
		trials = 15
	}
	r := rand.New(rand.NewPCG(12, 3))
	for range trials {
		name := names[r.IntN(len(names))]
		dir := filepath.Join(t.TempDir(), "corpus")
		if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
			t.Fatal(err)
		}
		what := filetest.Damage(t, r, filepath.Join(dir, name))
		if _, err := corpus.Open(dir); err == nil || !strings.Contains(err.Error(), filepath.Base(name)) {
			t.Errorf("%s %s: opened: %v", name, what, err)
		}
		report, err := corpus.Check(dir)
		if err == nil && !slices.ContainsFunc(report.Errors, func(p *corpus.Problem) bool { return p.File == name }) {
			t.Errorf("%s %s: checked: %v", name, what, report.Errors)
		}
	}
	if report, err := corpus.Check(good); err != nil || report.ErrorCount > 0 {
		t.Errorf("the whole corpus: %v, %v", report.Errors, err)
	}
}
