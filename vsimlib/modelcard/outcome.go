// SPDX-License-Identifier: Apache-2.0

package modelcard

import (
	"encoding/json"
	"maps"
	"math"
	"slices"

	"vsim/vsimlib/confidence"
)

// outcome is what the card takes of a run's result.json; package trainer defines it.
type outcome struct {
	Steps       int                `json:"steps"`
	Val         map[string]float64 `json:"val"`
	ValSpearman *float64           `json:"val_spearman"`
	ValError    float64            `json:"val_spearman_error"` // 0 where an older version did not write it
	ValMSE      *float64           `json:"val_mse"`
	Split       string             `json:"split"`
	Fold        int                `json:"fold"`
	TrainPairs  int                `json:"train_pairs"`
	ValPairs    int                `json:"val_pairs"`
	LeakedPairs int                `json:"leaked_pairs"`
}

// outcome reads Result; what it lacks is zero.
func (c Card) outcome() (o outcome) {
	if data, err := json.Marshal(c.Result); err == nil {
		_ = json.Unmarshal(data, &o) // a result of another form says nothing
	}
	return o
}

// score is one score, with the interval of 95% where low < high.
type score struct {
	metric           string
	value, low, high float64
	pairs            int
}

// scores are those on validation.
func (c Card) scores() (list []score) {
	o := c.outcome()
	if o.ValSpearman != nil {
		s := score{metric: "spearman", value: *o.ValSpearman, pairs: o.ValPairs}
		s.low, s.high = o.interval()
		list = append(list, s)
	}
	if o.ValMSE != nil {
		list = append(list, score{metric: "mse", value: *o.ValMSE, pairs: o.ValPairs})
	}
	for _, name := range slices.Sorted(maps.Keys(o.Val)) {
		list = append(list, score{metric: name, value: o.Val[name]})
	}
	return list
}

// interval is that of 95% of Spearman's correlation: by its error, or where that is not known as if the pairs were independent.
func (o outcome) interval() (low, high float64) {
	if o.ValError <= 0 {
		return independent(*o.ValSpearman, o.ValPairs)
	}
	half := confidence.Mean{Value: *o.ValSpearman, Seeds: 1, Pairs: o.ValError * o.ValError}.Half(0.95)
	return max(-1, *o.ValSpearman-half), min(1, *o.ValSpearman+half)
}

// independent is the interval of 95% of Spearman's correlation ρ of n pairs, as if they were independent; 0, 0 where there is none:
//
//	tanh(artanh ρ ± 1.96 √((1 + ρ²/2)/(n−3)))
//
// Source: D. G. Bonett and T. A. Wright, Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
// Psychometrika 65 (2000).
func independent(rho float64, n int) (low, high float64) {
	if n <= 3 || math.Abs(rho) >= 1 || math.IsNaN(rho) {
		return 0, 0
	}
	half := 1.959964 * math.Sqrt((1+rho*rho/2)/float64(n-3))
	return math.Tanh(math.Atanh(rho) - half), math.Tanh(math.Atanh(rho) + half)
}

// seed is that of the stage.
func (c Card) seed() *int64 {
	switch {
	case c.Recipe == nil:
		return nil
	case c.Stage == "finetune":
		return &c.Recipe.Finetune.Seed
	case c.Stage == "pretrain":
		return &c.Recipe.Pretrain.Seed
	}
	return nil
}
