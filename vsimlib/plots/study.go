// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// Named is a figure under the name of its files.
type Named struct {
	Name   string
	Figure Figure
}

// studyTable is what the figures read of a study's table.json.
type studyTable struct {
	Study    string      `json:"study"`
	Question string      `json:"question"`
	Corpus   string      `json:"corpus"`
	Scale    string      `json:"scale"`
	Baseline string      `json:"baseline"`
	Seeds    []int64     `json:"seeds"`
	Axis     *studyAxis  `json:"axis"`
	Cells    []studyCell `json:"cells"`
	Scored   struct {
		Part  string `json:"part"`
		Pairs int    `json:"pairs"`
	} `json:"scored"`
	Intervals struct {
		Level float64 `json:"level"`
	} `json:"intervals"`
	Ensembles *struct {
		Dims   []int       `json:"dims"`
		Joined []studyCell `json:"joined"`
		Sizes  []struct {
			Size     int            `json:"size"`
			Spearman *studyEstimate `json:"spearman"`
			SVD      []*float64     `json:"svd"`
			Fitted   *float64       `json:"fitted"`
		} `json:"sizes"`
		Subsets []struct {
			Members []int `json:"members"`
			Scores  []*struct {
				Concat float64 `json:"concat"`
			} `json:"scores"`
		} `json:"subsets"`
	} `json:"ensembles"`
}

type studyAxis struct {
	Label string `json:"label"`
	Log   bool   `json:"log"`
	Even  bool   `json:"even"` // its values stand at equal distances
}

type studyCell struct {
	Label      string         `json:"label"`
	Series     string         `json:"series"`
	X          float64        `json:"x"`
	Scores     []*float64     `json:"scores"`
	Spearman   *studyEstimate `json:"spearman"`
	Difference *studyEstimate `json:"difference"`
}

type studyEstimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Study returns the figures of a study's table.json: every cell with its interval; where the cells have an axis, the score along it; where
// ensembles have scores, the score by their size.
func Study(tableFile string) ([]Named, error) {
	t, err := readStudy(tableFile)
	if err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	list := []Named{{t.Study + "-cells", Figure{t.drawCells}}}
	if t.Axis != nil {
		list = append(list, Named{t.Study, Figure{t.drawAxis}})
	}
	if t.joins() {
		list = append(list, Named{t.Study + "-sizes", Figure{t.drawSizes}})
	}
	return list, nil
}

// joins tells whether an ensemble has a score: in an unfinished study none may have.
func (t *studyTable) joins() bool {
	if t.Ensembles == nil {
		return false
	}
	for _, s := range t.Ensembles.Sizes {
		if s.Spearman != nil {
			return true
		}
	}
	return false
}

func readStudy(file string) (*studyTable, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t := &studyTable{}
	if err := json.Unmarshal(data, t); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if t.Study == "" || len(t.Cells) == 0 {
		return nil, fmt.Errorf("%s: no table of a study", file)
	}
	for _, c := range t.Cells {
		if e := c.Spearman; e != nil && slices.ContainsFunc([]float64{e.Mean, e.Low, e.High}, func(v float64) bool { return !(math.Abs(v) <= 1) }) {
			return nil, fmt.Errorf("%s: %s: a correlation outside [-1,1]", file, c.Label)
		}
	}
	return t, nil
}

// source is what a figure's title says of where its scores are from.
func (t *studyTable) source() string {
	return fmt.Sprintf("%s scale, %s", t.Scale, t.Corpus)
}

// title is a figure's, with the corpus below it.
func (t *studyTable) title(text string) string {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	return fmt.Sprintf("%s\nCorpus %s, scale %s", text, corpus, t.Scale)
}

// spearmanLabel is that of an axis of scores.
func (t *studyTable) spearmanLabel() string {
	return fmt.Sprintf("Spearman on %s pairs (%s)", thousands(t.Scored.Pairs), t.Scored.Part)
}

// intervalWords says what whiskers are.
func (t *studyTable) intervalWords() string {
	return fmt.Sprintf("mean of %d seeds, %.0f%% interval", len(t.Seeds), 100*t.Intervals.Level)
}

// done are the cells that have a score.
func done(cells []studyCell) []studyCell {
	return slices.DeleteFunc(slices.Clone(cells), func(c studyCell) bool { return c.Spearman == nil })
}
