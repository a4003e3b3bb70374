// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/results"
)

// StudyScores is a study's table in the long form that programs of statistics read, under a line of names: a row for each cell and
// seed with its score, empty where it failed, and a column for each setting that a cell has over the base. A cell without the
// setting has the base's value; where it builds on more than the base and settings, such as one of the six members, it has none.
func StudyScores(t *results.Table) [][]string {
	var names []string
	for _, c := range t.Rows() {
		for _, set := range c.Settings {
			if name, _, ok := assignment(set); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	list := [][]string{slices.Concat([]string{"cell"}, names, []string{"seed", t.Scored.Metric})}
	for _, c := range t.Rows() {
		values := settingsOf(t, c)
		for i, seed := range t.Seeds {
			row := []string{string(c.Label)}
			for _, name := range names {
				row = append(row, values[name])
			}
			score := ""
			if i < len(c.Scores) && c.Scores[i] != nil {
				score = strconv.FormatFloat(*c.Scores[i], 'g', -1, 64)
			}
			list = append(list, append(row, strconv.FormatInt(seed, 10), score))
		}
	}
	return list
}

// settingsOf are a cell's settings, and where it builds on the base alone the base's others.
func settingsOf(t *results.Table, c results.Cell) map[string]string {
	values := map[string]string{}
	trained := slices.ContainsFunc(t.Cells, func(o results.Cell) bool { return o.Label == c.Label }) // not joined of others
	if trained && !slices.ContainsFunc(c.Settings, func(set string) bool { _, _, ok := assignment(set); return !ok }) {
		for _, a := range t.Base.Assignments() {
			values[a.Name] = a.Value
		}
	}
	for _, set := range c.Settings {
		if name, value, ok := assignment(set); ok {
			values[name] = value
		}
	}
	return values
}

// assignment splits a setting that holds for all of a cell's training: not one "from finetuning on", nor other words.
func assignment(set string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(set, "=")
	return name, value, ok && !strings.Contains(name, " ") && !strings.HasSuffix(value, " from finetuning on")
}
