// SPDX-License-Identifier: Apache-2.0

package results

// Sign is what an interval says of a difference.
type Sign int

// The signs.
const (
	Open  Sign = iota // the interval contains zero
	Above             // all of it is above zero
	Below
)

// Sign reports on which side of zero the interval is.
func (e Estimate) Sign() Sign {
	switch {
	case e.Low > 0:
		return Above
	case e.High < 0:
		return Below
	}
	return Open
}

// Claim is what a study says of an effect that was published: one cell scores above another.
type Claim struct {
	Study     string   `json:"study"`
	Corpus    string   `json:"corpus"`
	Claim     string   `json:"claim"`
	Published *float64 `json:"published"` // difference in Spearman, on the competition's corpus
	Ours      float64  `json:"ours"`      // the mean over the seeds
	Low       *float64 `json:"low"`       // of the 95% interval, where one of the two is the study's baseline
	High      *float64 `json:"high"`
	Seeds     int      `json:"seeds"` // under which both cells have a score
	Agree     int      `json:"agree"` // of these, under which the claim is true
	Verdict   string   `json:"verdict"`
}

// Claims is the file of all claims that a notebook compares with its studies.
type Claims struct {
	Scale  string  `json:"scale"`
	Claims []Claim `json:"claims"`
}

// Sign reports on which side the claim is: by the interval where there is one, else by the seeds, which must all agree.
func (c Claim) Sign() Sign {
	if c.Low != nil && c.High != nil {
		return Estimate{Low: *c.Low, High: *c.High}.Sign()
	}
	switch {
	case c.Agree == c.Seeds && c.Seeds > 1:
		return Above
	case c.Agree == 0 && c.Seeds > 1:
		return Below
	}
	return Open
}
