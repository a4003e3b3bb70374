// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"strings"

	"vsim/vsimlib/run"
)

// summary reads from metrics.jsonl the mean of each loss over the last epoch, and the last validation. So the result of a run
// that was stopped on the way is the same as that of an undisturbed one.
func summary(dir run.Dir, p plan) (losses, val map[string]float64, err error) {
	lines, err := run.ReadMetrics(dir.Metrics())
	if err != nil {
		return nil, nil, err
	}
	losses = map[string]float64{}
	count := 0.0
	for _, line := range lines {
		if _, trained := line["loss"]; !trained {
			val = numbers(line, "val_")
			continue
		}
		if step, _ := line["step"].(float64); int(step) > p.steps()-p.lastEpoch() {
			count++
			for name, v := range numbers(line, "loss") {
				losses[name] += v
			}
		}
	}
	for name := range losses {
		losses[name] /= count
	}
	return losses, val, nil
}

// numbers returns the values of a line with names that begin with prefix.
func numbers(line map[string]any, prefix string) map[string]float64 {
	out := map[string]float64{}
	for name, v := range line {
		if x, ok := v.(float64); ok && strings.HasPrefix(name, prefix) {
			out[name] = x
		}
	}
	return out
}
