// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"strings"
	"testing"
)

// TestSettings: each field of the structs has a comment that says what it means, and defaults that Set takes.
func TestSettings(t *testing.T) {
	list, err := Settings()
	if err != nil {
		t.Fatal(err)
	}
	if n := len((&Recipe{}).fields()); len(list) != n {
		t.Fatalf("%d settings of %d", len(list), n)
	}
	byName := map[string]Setting{}
	for _, s := range list {
		byName[s.Name] = s
		if len(s.Meaning) < 10 || strings.HasPrefix(s.Meaning, "Paper:") || strings.Contains(s.Meaning, "\n") {
			t.Errorf("%s: meaning %q", s.Name, s.Meaning)
		}
	}
	for name, want := range map[string]Setting{
		"pretrain.epochs": {Type: "a whole number", Defaults: map[string]string{"tiny": "1", "demo": "10", "paper": "40"},
			Meaning: "passes over the videos; 0 leaves the model as it starts. Paper: 40"},
		"model.pooling": {Type: "a text", Defaults: map[string]string{"tiny": "masked_mean", "demo": "masked_mean", "paper": "mean"},
			Meaning: "mean | attention, over all positions with the padding, or masked_mean | masked_attention over the real ones, " +
				"or cls: [CLS] alone. own:NUMBER is a function of a notebook. Paper: mean; members 4 and 5: attention."},
		"ensemble.members": {Type: "a list of whole numbers", Defaults: map[string]string{"demo": "1,2,3,4,5,6"},
			Meaning: "which of the six, each once. Paper: 1 to 6"},
	} {
		got := byName[name]
		if got.Type != want.Type || got.Meaning != want.Meaning {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		for preset, value := range want.Defaults {
			if got.Defaults[preset] != value {
				t.Errorf("%s of %s: %q, want %q", name, preset, got.Defaults[preset], value)
			}
		}
	}
	for _, preset := range Presets() {
		var r Recipe
		for _, s := range list {
			if err := r.Set(s.Name + "=" + s.Defaults[preset]); err != nil {
				t.Errorf("%s: %v", preset, err)
			}
		}
		if want, _ := Preset(preset); !r.Equal(want) {
			t.Errorf("%s: set again it differs in %v", preset, want.Diff(r))
		}
	}
}
