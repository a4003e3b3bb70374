// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// LossParts draws what each task puts into a pretraining's loss, its weight with it (E4), and the encoder's learning rate (E8).
func LossParts(dir run.Dir) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		all, err := readRuns([]run.Dir{dir})
		if err != nil {
			return nil, err
		}
		r, err := recipe.Load(dir.Recipe())
		if err != nil {
			return nil, err
		}
		l := all[0]
		parts := figure.NewPanel("What each task adds to the loss (E4)", stepLabel(all), "weight × loss")
		rate := figure.NewPanel("Warm-up and half a cosine (E8)", stepLabel(all), "learning rate of the encoder")
		var values curveRows
		words := "What each task adds to the loss of " + l.name + ", first and last:"
		for i, task := range weightedTasks(r.Pretrain) {
			c := l.series("loss_" + task.key)
			for k := range c.y {
				c.y[k] *= task.weight
			}
			if !(task.weight > 0) || len(c.y) == 0 {
				continue
			}
			if err := addSmooth(parts, c, figure.LookOf(i), fmt.Sprintf("%s, weight %.3g", task.name, task.weight)); err != nil {
				return nil, err
			}
			mean := smooth(c.y)
			words += fmt.Sprintf(" %s %.3g and %.3g;", task.name, mean[0], mean[len(mean)-1])
			values.add("weight_"+task.key+" × loss_"+task.key, c, true)
		}
		lr := l.series("lr")
		if err := addLine(rate, lr, figure.LookOf(0), ""); err != nil {
			return nil, err
		}
		values.add("lr", lr, false)
		figure.LogWhere(parts)
		parts.X.Min, rate.X.Min, rate.Y.Min = 0, 0, 0
		return &figure.Drawing{Alt: words, Width: 7.4 * vg.Inch, Height: 3.1 * vg.Inch, Header: curveHeader, Rows: values.rows,
			Panels: [][]*plot.Plot{{parts, rate}}}, nil
	}}
}

// weightedTask is a task of pretraining, the key of its loss and weight, and that weight.
type weightedTask struct {
	name, key string
	weight    float64
}

func weightedTasks(p recipe.Pretrain) []weightedTask {
	tag := 0.0 // a recipe that was never resolved
	if p.WeightTag != nil {
		tag = *p.WeightTag
	}
	return []weightedTask{{"tags", "tag", tag}, {"tokens", "mlm", p.WeightMLM}, {"frames", "mfm", p.WeightMFM}}
}
