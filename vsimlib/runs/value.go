// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/text"
)

// keys are the values of a run that are neither scores nor settings.
var keys = []string{"dir", "stage", "state", "step", "steps", "checkpoint", "preset", "member", "split", "start", "seconds",
	"bytes"}

// Keys lists what runs can be selected and sorted by, besides scores and settings.
func Keys() []string { return slices.Clone(keys) }

// value is what a run has of a key: one of keys, a score, or a setting by its name; "" where it has none.
func (r Run) value(key string) string {
	switch key {
	case "dir":
		return r.Dir
	case "stage":
		return r.Stage
	case "state":
		return string(r.State)
	case "step":
		return strconv.Itoa(r.Step)
	case "steps":
		if r.Steps == nil {
			return ""
		}
		return strconv.Itoa(*r.Steps)
	case "checkpoint":
		return strconv.Itoa(r.Checkpoint)
	case "preset":
		return r.Preset
	case "member":
		return strconv.Itoa(r.Member)
	case "split":
		return r.Split
	case "start":
		return r.Start
	case "seconds":
		if r.Seconds == 0 {
			return ""
		}
		return strconv.FormatFloat(r.Seconds, 'f', -1, 64)
	case "bytes":
		return strconv.FormatInt(r.Bytes, 10)
	}
	if score, ok := r.Scores[key]; ok {
		return strconv.FormatFloat(score, 'g', -1, 64)
	}
	for _, a := range r.values {
		if a.Name == key && r.reads(key) {
			return a.Value
		}
	}
	return ""
}

// scoreNames are the names of all scores of runs, sorted.
func scoreNames(list []Run) []string {
	names := map[string]bool{}
	for _, r := range list {
		for name := range r.Scores {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// known returns an error that names what is near unless key is one of keys, a score of some run, or a setting.
func known(key string, list []Run) error {
	if slices.Contains(keys, key) || len(list) == 0 {
		return nil
	}
	scores := scoreNames(list)
	names := slices.Concat(keys, scores)
	for _, a := range list[0].values {
		names = append(names, a.Name)
	}
	if slices.Contains(names, key) {
		return nil
	}
	return fmt.Errorf("unknown key %q%s (keys are %s, settings such as pretrain.epochs, and the scores of these runs: %s)", key,
		text.DidYouMean("", text.Similar(key, names)), strings.Join(keys, ", "), strings.Join(scores, ", "))
}
