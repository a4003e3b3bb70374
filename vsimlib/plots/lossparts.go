// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"encoding/json"
	"fmt"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/run"
)

// LossParts draws what each task puts into a pretraining's loss, its weight with it (E4), and the encoder's learning rate (E8).
func LossParts(dir run.Dir) Figure {
	return Figure{func() (*drawing, error) {
		all, err := readRuns([]run.Dir{dir})
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(dir.Recipe())
		if err != nil {
			return nil, err
		}
		var r struct {
			Pretrain map[string]any `json:"pretrain"`
		}
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", dir.Recipe(), err)
		}
		l := all[0]
		parts := newPanel("What each task adds to the loss (E4)", stepLabel(all), "weight × loss")
		rate := newPanel("Warm-up and half a cosine (E8)", stepLabel(all), "learning rate of the encoder")
		var numbers table
		words := "What each task adds to the loss of " + l.name + ", first and last:"
		for i, task := range []struct{ name, loss, weight string }{{"tags", "loss_tag", "weight_tag"}, {"words", "loss_mlm", "weight_mlm"}, {"frames", "loss_mfm", "weight_mfm"}} {
			c := l.series(task.loss)
			weight := value(r.Pretrain, task.weight)
			for k := range c.y {
				c.y[k] *= weight
			}
			if !(weight > 0) || len(c.y) == 0 {
				continue
			}
			if err := addSmooth(parts, c, lookOf(i), fmt.Sprintf("%s, weight %.3g", task.name, weight)); err != nil {
				return nil, err
			}
			mean := smooth(c.y)
			words += fmt.Sprintf(" %s %.3g and %.3g;", task.name, mean[0], mean[len(mean)-1])
			numbers.add(task.weight+" × "+task.loss, c, true)
		}
		lr := l.series("lr")
		if err := addLine(rate, lr, lookOf(0)); err != nil {
			return nil, err
		}
		numbers.add("lr", lr, false)
		logWhere(parts)
		parts.X.Min, rate.X.Min, rate.Y.Min = 0, 0, 0
		return &drawing{alt: words, width: 7.4 * vg.Inch, height: 3.1 * vg.Inch, header: curveHeader, rows: numbers.rows, panels: [][]*plot.Plot{{parts, rate}}}, nil
	}}
}
