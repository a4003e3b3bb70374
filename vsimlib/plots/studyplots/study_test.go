// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
)

// studyFile writes the table of a made-up study.
func studyFile(t *testing.T, text string) string {
	t.Helper()
	return filetest.Write(t, filepath.Join(t.TempDir(), "table.json"), text)
}

// cellText is a cell whose two seeds score about mean; the second failed where mean is 0.
func cellText(label, series string, x, mean float64) string {
	if mean == 0 {
		return fmt.Sprintf(`{"label":%q,"series":%q,"x":%g,"scores":[null,null],"spearman":null,"difference":null}`, label, series, x)
	}
	return fmt.Sprintf(`{"label":%q,"series":%q,"x":%g,"scores":[%g,null],"spearman":{"mean":%g,"low":%g,"high":%g,"seeds":1},"difference":{"mean":0.01,"low":-0.02,"high":0.03,"seeds":1}}`,
		label, series, x, mean+.01, mean, mean-.03, mean+.02)
}

const studyHead = `{"study":"made-up","question":"Does it pay?","scale":"tiny","corpus":"none","baseline":"base","seeds":[1,2],
	"scored":{"metric":"spearman","part":"test_a","pairs":4000},"intervals":{"level":0.95,"draws":1000},`

func TestStudyFigures(t *testing.T) {
	cells := strings.Join([]string{cellText("base", "", 1, .6), cellText("tag off", "tag", 0, .5),
		cellText("tag double", "tag", 2, .62),
		cellText("mlm off", "mlm", 0, .58), cellText("failed", "mlm", .5, 0)}, ",")
	ensembles := `"ensembles":{"dims":[32,16,8,4],"joined":[` + cellText("all", "", 0, .7) + `],"sizes":[
		{"size":1,"subsets":2,"spearman":{"mean":0.6,"low":0.5,"high":0.7},"svd":[0.6,0.6,0.59,0.5],"fitted":null},
		{"size":2,"subsets":1,"spearman":{"mean":0.65,"low":0.6,"high":0.7},"svd":[0.65,0.64,0.6,0.5],"fitted":null}],
		"subsets":[{"members":[1],"scores":[{"concat":0.6},null]},{"members":[3],"scores":[{"concat":0.61},{"concat":0.59}]},{"members":[1,3],"scores":[{"concat":0.65},null]}]}`
	var sizes, subsets []string // nine single models, of which one is far below the others
	for i, mean := range []float64{.5, .55, .57} {
		sizes = append(sizes, fmt.Sprintf(`{"size":%d,"subsets":1,"spearman":{"mean":%g,"low":0.48,"high":0.6},"svd":[],"fitted":null,
			"published":{"spearman":%g}}`, i+1, mean, .8+mean/10))
	}
	for i, score := range []float64{.5, .51, .52, .53, .54, .55, .56, .57, .2} {
		subsets = append(subsets, fmt.Sprintf(`{"members":[%d],"scores":[{"concat":%g},null]}`, i+1, score))
	}
	for name, c := range map[string]struct {
		rest  string
		names string
		rows  []int
	}{
		"plain":  {`"cells":[` + cells + `]}`, "[made-up-cells]", []int{5}},
		"even":   {`"axis":{"label":"weight","even":true},"cells":[` + cells + `]}`, "[made-up-cells made-up]", []int{5, 5}},
		"linear": {`"axis":{"label":"epochs"},"cells":[` + cells + `]}`, "[made-up-cells made-up]", []int{5, 5}},
		"log": {`"axis":{"label":"videos","log":true},"cells":[` + cellText("base", "", 1000, .6) + "," +
			cellText("more", "", 20000, .65) + `]}`, "[made-up-cells made-up]", []int{3, 3}},
		"one cell": {`"axis":{"label":"epochs"},"cells":[` + cellText("base", "", 0, .6) + `]}`, "[made-up-cells made-up]", []int{2, 2}},
		"log with 0": {`"axis":{"label":"weight","log":true},"cells":[` + cells + `]}`, "[made-up-cells made-up]",
			[]int{5, 5}},
		"law": {`"ensembles":{"dims":[],"joined":[],"sizes":[` + strings.Join(sizes, ",") + `],"subsets":[` + strings.Join(subsets, ",") +
			`]},"cells":[` + cells + `]}`, "[made-up-cells made-up-sizes made-up-law]", []int{5, 13, 7}},
		"not joined": {`"ensembles":{"dims":[32],"joined":[],"sizes":[{"size":1,"subsets":2,"spearman":null,"svd":[null]}],"subsets":[{"members":[1],"scores":[null,null]}]},"cells":[` +
			cells + `]}`, "[made-up-cells]", []int{5}},
		"ensembles": {ensembles + `,"cells":[` + cells + `]}`, "[made-up-cells made-up-sizes]", []int{6, 15}},
	} {
		t.Run(name, func(t *testing.T) {
			file := studyFile(t, studyHead+c.rest)
			figures, err := Study(file)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for i, f := range figures {
				names = append(names, f.Name)
				first, second := t.TempDir(), t.TempDir()
				png, alt, err := f.Figure.Write(first, f.Name)
				if err != nil {
					t.Fatal(err)
				}
				if len(png) < 1000 || !strings.Contains(alt, "Spearman") || !strings.Contains(alt, "tiny scale") {
					t.Errorf("%s: %d bytes, alt %q", f.Name, len(png), alt)
				}
				if testing.Short() && name != "even" { // one of them shows that drawing again gives the same bytes
					second = first
				} else if _, _, err := f.Figure.Write(second, f.Name); err != nil {
					t.Fatal(err)
				}
				for _, ext := range []string{".png", ".svg", ".csv"} {
					name := f.Name + ext
					if filetest.Content(t, filepath.Join(first, name)) != filetest.Content(t, filepath.Join(second, name)) {
						t.Errorf("%s: other bytes the second time", name)
					}
				}
				rows, err := csv.NewReader(strings.NewReader(filetest.Content(t, filepath.Join(first, f.Name+".csv")))).ReadAll()
				if err != nil || len(rows) != c.rows[i] {
					t.Errorf("%s: %d rows of numbers, want %d; %v", f.Name, len(rows), c.rows[i], err)
				}
			}
			if fmt.Sprint(names) != c.names {
				t.Errorf("figures %v, want %s", names, c.names)
			}
		})
	}
}

func TestStudyRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"not JSON":    {"{", "table.json"},
		"no study":    {`{"cells":[]}`, "no table of a study"},
		"correlation": {studyHead + `"cells":[` + cellText("base", "", 0, 3) + `]}`, "outside [-1,1]"},
	} {
		if _, err := Study(studyFile(t, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	if _, err := Study(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("no file is no error")
	}
	figures, err := Study(studyFile(t, studyHead+`"axis":{"label":"x"},"cells":[`+cellText("base", "", 0, 0)+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if _, _, err := f.Figure.Write(t.TempDir(), f.Name); err == nil || !strings.Contains(err.Error(), "no cell has a score") {
			t.Errorf("%s: error %v", f.Name, err)
		}
	}
}

// TestTickLabel writes counts as people do.
func TestTickLabel(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 40: "40", 20000: "20,000", .5: "0.5", 20.0003: "20", -1: "-1", 0.048: "0.048"} {
		if got := tickLabel(x); got != want {
			t.Errorf("%g: %s, want %s", x, got, want)
		}
	}
}
