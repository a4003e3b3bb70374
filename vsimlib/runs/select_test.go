// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/recipe"
)

// three are runs with the settings of presets.
func three() Listing {
	var l Listing
	for i, preset := range []string{"demo", "paper", "tiny"} {
		r, _ := recipe.Preset(preset)
		one := Run{Dir: preset, Stage: "pretrain", State: Stopped, Step: 9 + i, Scores: map[string]float64{}, recipe: r,
			values: r.Assignments()}
		if preset != "tiny" {
			one.Scores["val_loss"] = float64(2 - i)
		}
		one.nearest(bases{})
		l.Runs = append(l.Runs, one)
	}
	return l
}

func TestSelect(t *testing.T) {
	for _, c := range []struct{ where, sort, want string }{
		{"", "", "demo paper tiny"},
		{"", "-dir", "tiny paper demo"},
		{"", "step", "demo paper tiny"}, // 9 before 10, as numbers
		{"", "val_loss", "paper demo tiny"},
		{"", "-val_loss", "demo paper tiny"}, // the run without it is last in both orders
		{"val_loss>0", "", "demo paper"},
		{"val_loss > 1.0", "", "demo"},
		{"val_loss!=1", "", "demo"},
		{"state=stopped", "", "demo paper tiny"},
		{"model.pooling=mean", "", "paper"},
		{"pretrain.epochs>=10", "", "demo paper"},
		{"finetune.epochs>=1", "", ""}, // a pretraining reads no setting of finetuning
		{"preset==tiny", "", "tiny"},
	} {
		l := three()
		var where []Condition
		if c.where != "" {
			parsed, err := ParseCondition(c.where)
			if err != nil {
				t.Fatal(err)
			}
			where = append(where, parsed)
		}
		if err := l.Select(where, c.sort); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		var got []string
		for _, r := range l.Runs {
			got = append(got, r.Dir)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for _, s := range []string{"", "loss", "=3", "loss=", "!x", ">3"} {
		if c, err := ParseCondition(s); err == nil || !strings.Contains(err.Error(), "want KEY=VALUE") {
			t.Errorf("%q: %+v, %v", s, c, err)
		}
	}
	l := three()
	where := []Condition{{"vall_loss", "=", []string{"1"}}}
	if err := l.Select(where, ""); err == nil || !strings.Contains(err.Error(), "did you mean val_loss?") {
		t.Error(err)
	}
	for s, want := range map[string]string{
		"val_loss>0,5": `val_loss is a number in these runs, "0,5" is none`, "step=>9": `step is a number in these runs, ">9" is none`,
		"pretrain.epochs=ten": `"ten" is none`, "step<nan": `"nan" is none`, "step!=1k": `"1k" is none`,
	} {
		c, err := ParseCondition(s)
		if err == nil {
			err = l.Select([]Condition{c}, "")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", s, err, want)
		}
	}
	if err := l.Select(nil, "-pretrain.epoch"); err == nil || !strings.Contains(err.Error(), "pretrain.epochs") {
		t.Error(err)
	}
}

// TestNearest: a preset has no settings that differ, a member is named, and what the corpus decides does not count.
func TestNearest(t *testing.T) {
	for _, preset := range recipe.Presets() {
		for member := 1; member <= recipe.Members; member++ {
			r, _ := recipe.Preset(preset)
			if err := r.Member(member); err != nil {
				t.Fatal(err)
			}
			if err := r.Resolve(recipe.Sizes{VocabSize: 99, FrameDim: 7, NumTags: 48}); err != nil {
				t.Fatal(err)
			}
			one := Run{Stage: "pretrain", recipe: r, values: r.Assignments()}
			one.nearest(bases{})
			if one.Preset != preset || one.Member != member || len(one.Settings) > 0 {
				t.Errorf("%s member %d: %s member %d %q", preset, member, one.Preset, one.Member, one.Settings)
			}
		}
	}
	r, _ := recipe.Preset("demo")
	for _, s := range []string{"model.hidden_size=64", "pretrain.weight_mfm=0.123456789", "pretrain.seed=5", "finetune.epochs=9"} {
		if err := r.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	one := Run{Stage: "pretrain", recipe: r, values: r.Assignments()}
	one.nearest(bases{})
	if got := one.Recipe(2); got != "demo seed=5 weight_mfm=0.12346 and 1 more" {
		t.Errorf("%q", got)
	}
	want := []string{"model.hidden_size=64", "pretrain.seed=5", "pretrain.weight_mfm=0.123456789"}
	if !slices.Equal(one.Settings, want) {
		t.Errorf("%q, want %q", one.Settings, want)
	}
}
