// SPDX-License-Identifier: Apache-2.0

package run

import "strings"

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
