// SPDX-License-Identifier: Apache-2.0

package results

import "vsim/vsimlib/competition"

// Alpha is the probability of a verdict on any of a table's comparisons where there is no difference.
const Alpha = 0.05

// Verdict is what a comparison says of the claim that its first cell scores above its second.
type Verdict string

// The verdicts.
const (
	Holds     Verdict = "holds"                              // its corrected p-value is below Alpha
	Reversed  Verdict = "does not hold, the other way round" // as Holds, and the difference is negative
	Leans     Verdict = "leans towards it"                   // only its p-value alone is below Alpha
	LeansBack Verdict = "leans the other way"                // as Leans, and the difference is negative
	Undecided Verdict = "undecided"                          // the interval contains zero
	Untested  Verdict = "no verdict from one seed, or at tiny"
)

// Verdict is the one rule by which differences are judged. scale is the study's.
func (e Estimate) Verdict(scale string) Verdict {
	holds, leans := e.P != nil && e.Holm != nil && *e.Holm < Alpha, e.P != nil && *e.P < Alpha
	switch {
	case e.Seeds < 2 || scale == competition.ScaleTiny:
		return Untested
	case holds && e.Mean > 0:
		return Holds
	case holds:
		return Reversed
	case leans && e.Mean > 0:
		return Leans
	case leans:
		return LeansBack
	}
	return Undecided
}

// Sign is on which side of zero a verdict puts a difference.
type Sign int

// The signs.
const (
	Open  Sign = iota // it is not decided
	Above             // above zero
	Below
)

// Sign is that of the verdict.
func (v Verdict) Sign() Sign {
	switch v {
	case Holds:
		return Above
	case Reversed:
		return Below
	}
	return Open
}

// Side is the sign of a verdict that is decided or leans to one side.
func (v Verdict) Side() Sign {
	switch v {
	case Leans:
		return Above
	case LeansBack:
		return Below
	}
	return v.Sign()
}

// Negative is the estimate of the opposite difference.
func (e Estimate) Negative() Estimate {
	e.Mean, e.Low, e.High = -e.Mean, -e.High, -e.Low
	return e
}

// Claim is what a study says of an effect that was published: one cell scores above another. The estimate is of their difference.
type Claim struct {
	Study     string   `json:"study"`
	Corpus    string   `json:"corpus"`
	Claim     string   `json:"claim"`
	Source    Source   `json:"source"`
	Published *float64 `json:"published"` // difference in Spearman, on the competition's corpus
	Estimate
	Agree   int     `json:"agree"` // seeds under which the claim is true
	Verdict Verdict `json:"verdict"`
}

// Source is where an effect was published.
type Source struct {
	Where string `json:"where"`
	Words string `json:"words"` // what it says there, in our words
}

// Claims is the file of all claims that a notebook compares with its studies.
type Claims struct {
	Scale  string  `json:"scale"`
	Claims []Claim `json:"claims"`
}
