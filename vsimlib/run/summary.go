// SPDX-License-Identifier: Apache-2.0

package run

import (
	"fmt"
	"math"
	"strings"
)

// Summary reads from the metrics file at path the mean of each loss over the steps after one, and the last validation. So the
// result of a run that was stopped on the way is the same as that of an undisturbed one.
func Summary(path string, after int) (losses, val map[string]float64, err error) {
	lines, err := ReadMetrics(path)
	if err != nil {
		return nil, nil, err
	}
	losses = map[string]float64{}
	count := 0.0
	for _, line := range lines {
		if _, trained := line["loss"]; !trained {
			val = Numbers(line, "val_")
			continue
		}
		if int(stepOf(line)) > after {
			count++
			for name, v := range Numbers(line, "loss") {
				losses[name] += v
			}
		}
	}
	for name := range losses {
		losses[name] /= count
	}
	return losses, val, nil
}

// Numbers returns the values of a line of metrics with names that begin with prefix.
func Numbers(line map[string]any, prefix string) map[string]float64 {
	out := map[string]float64{}
	for name, v := range line {
		if x, ok := v.(float64); ok && strings.HasPrefix(name, prefix) {
			out[name] = x
		}
	}
	return out
}

// Number is a number of a line of metrics, 0 where the line lacks it.
func Number(line map[string]any, name string) float64 {
	v, _ := line[name].(float64)
	return v
}

// diverging is how many times the lowest loss a validation's loss must be for the run to count as diverged. Fitting too much does
// not come near it, since the videos that are validated on are trained on.
const diverging = 2

// Diverged reads the metrics file at path and says in words how far the loss of the last validation is above the lowest one, and
// above the losses of the first steps, "" where it is near them or there is none. Of the first steps the highest loss counts: that
// of a small batch varies.
func Diverged(path string) (string, error) {
	const first = 10
	lines, err := ReadMetrics(path)
	if err != nil {
		return "", err
	}
	last, start, lowest, at := 0.0, 0.0, math.Inf(1), ""
	for _, line := range lines {
		if loss, ok := line["loss"].(float64); ok && stepOf(line) <= first {
			start = max(start, loss)
		}
		loss, ok := line["val_loss"].(float64)
		if !ok {
			continue
		}
		if last = loss; loss < lowest {
			lowest, at = loss, fmt.Sprintf("at step %.0f", stepOf(line))
		}
	}
	if start > 0 && start < lowest {
		lowest, at = start, "in the first steps"
	}
	if !(last > diverging*lowest) {
		return "", nil
	}
	return fmt.Sprintf("the run has diverged: val_loss is %.4g, after %.4g %s; train again with lower learning rates", last, lowest,
		at), nil
}
