// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strconv"

	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// mark is what a table has for yes.
const mark = "✓"

// FilledTable has a row for each hidden token of titles: the truth, and the most probable guesses, a right one marked.
func FilledTable(titles []results.Filled) Table {
	t := Table{Header: []string{"title", "the model sees", "hidden", "its probability", "its rank"}}
	for _, f := range titles {
		for _, token := range f.Tokens {
			t.addToken(gloss.Beside(f.Title, f.English), token)
		}
	}
	return t
}

// addToken adds the row of a hidden token.
func (t *Table) addToken(title string, token results.FilledToken) {
	row := []Cell{Words(title), Words(token.Shown), Words(token.Token), Number(Rounded(token.Probability)),
		Number(text.Thousands(token.Rank))}
	for i, g := range token.Guesses {
		if len(t.Header) <= len(row) {
			t.Header = append(t.Header, "guess "+strconv.Itoa(i+1))
		}
		guess := g.What + " " + Rounded(g.Probability)
		if g.What == token.Token {
			guess += " " + mark
		}
		row = append(row, Words(guess))
	}
	t.Rows = append(t.Rows, row)
}

// TagTable has a row for each guess of a tag; those of the clip are marked.
func TagTable(list []results.TagGuess) Table {
	t := Table{Header: []string{"rank", "tag", "probability", "share of clips with it", "this clip has it"}}
	for _, g := range list {
		has := ""
		if g.True {
			has = mark
		}
		t.Rows = append(t.Rows, []Cell{Number(text.Thousands(g.Rank)), Words(g.Tag), Number(Rounded(g.Probability)),
			Number(Rounded(g.Frequency)), Words(has)})
	}
	return t
}

// PickedTable sums up which frames were picked, next to what random guesses would give.
func PickedTable(s results.PickedSummary) Table {
	hidden := " of " + text.Thousands(s.Hidden)
	count := func(n int) Cell { return Number(text.Thousands(n) + hidden) }
	return Table{Header: []string{"", "the model", "a random guess"}, Rows: [][]Cell{
		{Words("the hidden frame is picked"), count(s.Right), Number(Rounded(float64(s.Hidden)/float64(s.Candidates)) + hidden)},
		{Words("a frame of its clip is picked"), count(s.SameClip), Number("")},
		{Words("median rank of the hidden frame"), Number(Rounded(s.MedianRank)), Number(Rounded(float64(s.Candidates+1) / 2))},
		{Words("loss (E3), nats"), Number(Rounded(s.Loss)), Number("ln " + text.Thousands(s.Candidates) + " = " + Rounded(s.Guess))},
		{Words("ln N − L, nats"), Number(Rounded(s.Information)), Number("0")},
	}}
}
