// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
)

// on is where the tests plan; nothing is trained there.
var on = On{Runs: "runs", Backend: "go"}

func numbers(values ...any) (list []Value) {
	for _, v := range values {
		value, err := ValueOf(v)
		if err != nil {
			panic(err)
		}
		list = append(list, value)
	}
	return list
}

// asNotebooks are the grids that notebooks 06 to 08 define in their cells, at demo, in the form of this package.
var asNotebooks = map[string]Definition{
	study.LossWeights: {
		Cells: []Cell{{Label: "tag weight G/24"}},
		Times: []Along{{"pretrain.weight_tag", numbers(0, .5, 2)}, {"pretrain.weight_mlm", numbers(0, .5, 2)},
			{"pretrain.weight_mfm", numbers(0, .5, 2)}},
		Vary: []Along{{"pretrain.weight_tag", numbers(1, 1250./3)}},
	},
	study.Epochs:    {Vary: []Along{{"pretrain.epochs", numbers(0, 5, 10, 20, 40)}}},
	study.Ensembles: {Members: []int{1, 2, 3, 4, 5, 6}, Ensembles: []int{256, 128, 64, 32}},
	"corpus-size":   {Values: numbers(1000, 2000, 5000, 10_000)},
	study.Labels:    {Values: numbers("rank", "raw")},
}

// TestNamed: cells written out are the named study's, with the same keys and all that a table says of them.
func TestNamed(t *testing.T) {
	for name, d := range asNotebooks {
		d.Name, d.Scale, d.Seeds = name, study.Demo, []int64{1}
		named := Definition{Name: name, Scale: study.Demo, Seeds: d.Seeds}
		switch name { // these leave out what is in the named one
		case "corpus-size", study.Labels:
			checkLabels(t, d, named)
			continue
		}
		a, err := d.Plan(on)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := named.Plan(on)
		if err != nil {
			t.Fatal(err)
		}
		if !Same(a.Study, b.Study) {
			t.Errorf("%s:\n%+v %v %v %v\nwant\n%+v %v %v %v", name, a.Cells, a.Axis, a.Baseline, a.Dims, b.Cells, b.Axis, b.Baseline, b.Dims)
		}
		same := slices.EqualFunc(a.Tasks, b.Tasks, func(a, b *task.Task) bool { return a.Key == b.Key && a.Label == b.Label })
		if !same {
			t.Errorf("%s: other tasks", name)
		}
	}
}

// checkLabels: the words for values are those of the named study, its question and axis too.
func checkLabels(t *testing.T, d, named Definition) {
	t.Helper()
	a, err := d.Build(on)
	if err != nil {
		t.Fatal(err)
	}
	b, err := named.Build(on)
	if err != nil {
		t.Fatal(err)
	}
	if a.Question != b.Question || a.Axis != b.Axis || a.Baseline != b.Baseline {
		t.Errorf("%s: %q %v %s", d.Name, a.Question, a.Axis, a.Baseline)
	}
	for _, c := range a.Cells {
		if !slices.ContainsFunc(b.Cells, func(n study.Cell) bool { return n.Label == c.Label }) {
			t.Errorf("%s: no cell %q", d.Name, c.Label)
		}
	}
}

// labels are those of a definition's cells, with their values on the axis.
func labels(t *testing.T, d Definition) (list []string, s *study.Study) {
	t.Helper()
	s, err := d.Build(on)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Cells {
		list = append(list, string(c.Label)+" @"+string(number(math.Round(c.X*1000)/1000))+" "+c.Series)
	}
	return list, s
}

// TestCells: values, products and multiples, their labels, axis and baseline.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		name string
		d    Definition
		want string
		axis results.Axis
		base results.Label
	}{
		{"values", Definition{Name: "loss-weights", Scale: "demo", Values: numbers(0, 1, 10, 417)},
			"tag weight G/24 @1 ; tag weight 0 @0 tag; tag weight 1 @0.048 tag; tag weight 10 @0.48 tag; tag weight 417 @20.016 tag",
			results.Axis{Label: "Weight of the loss, times the base's", Log: true}, "tag weight G/24"},
		{"values without the base", Definition{Name: "epochs", Scale: "demo", Values: numbers(5, 20)},
			"10 epochs @10 ; 5 epochs @5 ; 20 epochs @20 ", results.Axis{Label: "Epochs of pretraining"}, "10 epochs"},
		{"one", Definition{Name: "mine", Vary: []Along{{"pretrain.weight_tag", numbers(0, 1, 10, 20.8, 417)}}},
			"tag weight 0 @0 ; tag weight 1 @1 ; tag weight 10 @10 ; tag weight 20.8 @20.8 ; tag weight 417 @417 ",
			results.Axis{Label: "pretrain.weight_tag", Log: true}, "tag weight 0"},
		{"two", Definition{Name: "mine",
			Vary: []Along{{"pretrain.epochs", numbers(1, 2)}, {"model.pooling", numbers("mean", "masked_mean")}}},
			"1 epoch, mean @1 mean; 1 epoch, mean, padding left out @1 mean, padding left out; 2 epochs, mean @2 mean; " +
				"2 epochs, mean, padding left out @2 mean, padding left out", results.Axis{Label: "pretrain.epochs"},
			"2 epochs, mean, padding left out"},
		{"cells", Definition{Name: "My study", Cells: []Cell{{Label: "small", Set: []string{"model.hidden_size=64"}},
			{Label: "large", Set: []string{"model.hidden_size=192"}}}}, "small @0 ; large @0 ", results.Axis{}, "small"},
		{"words alike", Definition{Name: "mine", Vary: []Along{{"pretrain.weight_tag", numbers(416.66, 416.67)}}},
			"weight_tag=416.66 @416.66 ; weight_tag=416.67 @416.67 ", results.Axis{Label: "pretrain.weight_tag"}, "weight_tag=416.66"},
	} {
		got, s := labels(t, c.d)
		if strings.Join(got, "; ") != c.want || s.Axis != c.axis || s.Baseline != c.base {
			t.Errorf("%s: %s, %+v, %s", c.name, strings.Join(got, "; "), s.Axis, s.Baseline)
		}
	}
}

// TestRefused: each wrong definition has its line.
func TestRefused(t *testing.T) {
	many := make([]any, 40)
	for i := range many {
		many[i] = i
	}
	vary := func(setting string, values ...any) Definition {
		return Definition{Name: "mine", Vary: []Along{{setting, numbers(values...)}}}
	}
	cells := func(list ...Cell) Definition { return Definition{Name: "mine", Cells: list} }
	for want, d := range map[string]Definition{
		`unknown name "pretrain.weight_tags"; the nearest is "pretrain.weight_tag", and there`: vary("pretrain.weight_tags", 1),
		`unknown name "pretrain.mask_text"; there are epochs, `:                                vary("pretrain.mask_text", 1),
		"pretrain.epochs: 2.5 is not a whole number":                                           vary("pretrain.epochs", 1, 2.5),
		"pretrain.lr_heads: NaN is not a finite number":                                        vary("pretrain.lr_heads", math.NaN()),
		"pretrain.lr_heads: +Inf is not a finite number":                                       vary("pretrain.lr_heads", math.Inf(1)),
		"pretrain.epochs has no values":                                                        vary("pretrain.epochs"),
		`study mine: duplicate cell "1 epoch"`:                                                 vary("pretrain.epochs", 1, 1),
		`study mine: duplicate cell "a"`:                                                       cells(Cell{Label: "a"}, Cell{Label: "a"}),
		"a label is empty":                                                                     cells(Cell{Label: " "}),
		"pretrain.epochs=1: only settings of model": {Name: "mine",
			Cells: []Cell{{Label: "a", Tune: []string{"pretrain.epochs=1"}}}},
		"member 7": {Name: "mine", Members: []int{7}},
		`cell a: setting "model.hidden=3": unknown name "model.hidden"`: cells(Cell{Label: "a", Set: []string{"model.hidden=3"}}),
		"pretrain.batch: 0 is outside":                                  cells(Cell{Label: "a", Set: []string{"pretrain.batch=0"}}),
		`unknown study "mine"; there are tasks, `:                       {Name: "mine"},
		"a grid of your own needs cells: nb.Cell, nb.Vary or ":          {Name: "mine", Corpus: Emoji},
		`emojis: no such folder; the nearest is "emoji", and there are controlled, emoji and directories`: {Name: "epochs",
			Corpus: "/nowhere/emojis"},
		"a name is empty":                    {},
		`no cell "c", which is the baseline`: {Name: "mine", Baseline: "c", Cells: []Cell{{Label: "a"}}},
		"up to 3,200 trainings, more than 1,000; allow it with --yes": {Name: "mine", Vary: []Along{
			{"pretrain.epochs", numbers(many...)}, {"finetune.epochs", numbers(many...)}}},
		"2^11 sets": {Name: "mine", Ensembles: []int{8}, Vary: []Along{{"pretrain.epochs", numbers(many[:11]...)}}},
		"varies no one setting that values could be for": {Name: "tasks", Values: numbers(1)},
		"pretrain.val_videos is 0 in the base":           {Name: "mine", Times: []Along{{"pretrain.val_videos", numbers(2)}}},
		"not all cells a value on it":                    {Name: "mine", Axis: &results.Axis{Label: "x"}, Cells: []Cell{{Label: "a"}}},
	} {
		_, err := d.Plan(on)
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	huge := Definition{Name: "mine"}
	for _, setting := range []string{"pretrain.epochs", "finetune.epochs", "pretrain.batch", "finetune.batch", "pretrain.val_every",
		"finetune.val_every", "pretrain.max_pointwise", "finetune.max_pairs"} {
		huge.Vary = append(huge.Vary, Along{setting, numbers(many...)})
	}
	large := on
	large.Large = true
	for _, on := range []On{on, large} {
		if began := time.Now(); true {
			if _, err := huge.Plan(on); err == nil || time.Since(began) > time.Second {
				t.Errorf("6·10¹² cells: %v, after %v", err, time.Since(began))
			}
		}
	}
}

// TestLarge counts distinct trainings, and allows more than a thousand where that is asked for.
func TestLarge(t *testing.T) {
	d := Definition{Name: "mine", Vary: []Along{{"pretrain.seed", nil}}}
	for i := range 600 {
		d.Vary[0].Values = append(d.Vary[0].Values, numbers(i)...)
	}
	d.Vary[0].Setting, d.Seeds = "finetune.lr_heads", []int64{1}
	for i := range d.Vary[0].Values {
		d.Vary[0].Values[i] = numbers(float64(i+1) / 1e6)[0]
	}
	if g, err := d.Plan(on); err != nil || len(g.Tasks) != 2+2*600 { // one pretraining for all: 601 trainings
		t.Errorf("601 trainings: %v", err)
	}
	d.Seeds = []int64{1, 2}
	if _, err := d.Plan(on); err == nil || !strings.Contains(err.Error(), "trainings, more than 1,000") {
		t.Errorf("1,202 trainings: %v", err)
	}
	large := on
	large.Large = true
	if _, err := d.Plan(large); err != nil {
		t.Error(err)
	}
}

// TestFile: a file gives what was written, key for key, and refuses what it does not know.
func TestFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "grid.json")
	d := Definition{Name: "My study", Scale: "tiny", Corpus: "controlled", HeldOut: true,
		Set: []string{"pretrain.epochs=1"}, Seeds: []int64{1, 2}, Baseline: "small",
		Cells: []Cell{{Label: "small", X: new(1.)}},
		Vary:  []Along{{"pretrain.weight_tag", numbers(0, 20.8, 1250./3)}, {"model.pooling", numbers("mean")}}}
	if err := d.Write(file); err != nil {
		t.Fatal(err)
	}
	again, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := d.Plan(on)
	if err != nil {
		t.Fatal(err)
	}
	b, err := again.Plan(on)
	if err != nil || !Same(a.Study, b.Study) || len(a.Tasks) != len(b.Tasks) || a.Tasks[3].Key != b.Tasks[3].Key {
		t.Errorf("%+v, %v", b, err)
	}
	for text, want := range map[string]string{
		`{"name": "epochs", "vray": []}`:                                                `unknown key "vray"; the nearest is "vary", and there are name, question, `,
		`{"name": "epochs", "cells": [{"label": "a"}, {"lable": "b"}]}`:                 `cells 2: unknown key "lable"; the nearest is "label", and`,
		`{"name": "epochs", "Vary": []}`:                                                `unknown key "Vary"; the nearest is "vary"`,
		`{"name": "epochs", "name": "tasks"}`:                                           `duplicate key "name"`,
		`{"name": "a", "vary": [{"setting": "pretrain.epochs", "values": [1e999]}]}`:    "1e999 is not a finite number",
		`{"name": "a", "vary": [{"setting": "pretrain.epochs", "values": [[1]]}]}`:      "no value of a setting",
		`{"name": "a", "vary": [{"setting": "pretrain.epochs", "values": ["x"]}]}`:      "x is not a whole number",
		`{"name": "a", "times": [{"setting": "pretrain.lr_heads", "values": ["1_0"]}]}`: "1_0 is not a factor of at least 0",
		`{"name": "a"`:                            "the JSON ends too early",
		`{"name": "a"}`:                           `unknown study "a"`,
		`{"name": 1}`:                             "line 1: ",
		`{"name": "a", "cells": []}`:              `unknown study "a"`,
		`{"name": "a", "cells": [{"label": ""}]}`: "a label is empty",
	} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\n') ||
			!strings.HasPrefix(err.Error(), file) {
			t.Errorf("%s: error %v\nwant %s", text, err, want)
		}
	}
	d.Cells[0].Change = []Changer{nil}
	if err := d.Write(file); err == nil || !strings.Contains(err.Error(), "Go functions") {
		t.Errorf("a function was written: %v", err)
	}
}

// TestText reads what stands on command lines.
func TestText(t *testing.T) {
	if a, err := ParseVary("pretrain.weight_tag=0, 1,20.8,null"); err != nil || a.Setting != "pretrain.weight_tag" ||
		!slices.Equal(a.Values, []Value{"0", "1", "20.8", "null"}) {
		t.Errorf("%+v, %v", a, err)
	}
	for _, bad := range []string{"", "pretrain.epochs", "pretrain.epochs=", "pretrain.epoch=1", "pretrain.epochs=1,x",
		"pretrain.lr_heads=inf"} {
		if _, err := ParseVary(bad); err == nil {
			t.Errorf("%q varies", bad)
		}
	}
	for text, want := range map[string]Cell{
		"base":                     {Label: "base"},
		"a: b:pretrain.epochs=3":   {Label: "a: b", Set: []string{"pretrain.epochs=3"}},
		"x:ensemble.members=1,2,3": {Label: "x", Set: []string{"ensemble.members=1,2,3"}},
		"x:pretrain.epochs=1,model.hidden_size=8": {Label: "x", Set: []string{"pretrain.epochs=1", "model.hidden_size=8"}},
	} {
		if c, err := ParseCell(text); err != nil || c.Label != want.Label || !slices.Equal(c.Set, want.Set) {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
	for _, bad := range []string{"", ":pretrain.epochs=1", "pretrain.epochs=1", "a:pretrain.epoch=1", "a:x"} {
		if _, err := ParseCell(bad); err == nil {
			t.Errorf("%q is a cell", bad)
		}
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{"My study!": "my-study", "../../etc": "etc", "a_b.c": "a_b.c", "宽度 2": "宽度-2",
		"///": ""} {
		if got := Slug(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// FuzzRead: what a file says is planned or refused, and what is planned survives its own file.
func FuzzRead(f *testing.F) {
	f.Add(`{"name": "a", "vary": [{"setting": "pretrain.epochs", "values": [1, 2]}]}`)
	f.Add(`{"name": "epochs", "values": [0, "1"]}`)
	f.Add(`{"name": "a", "cells": [{"label": "b", "set": ["model.hidden_size=8"], "x": 1}], "axis": {"label": "x"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "grid.json")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		d, err := Read(file)
		if err != nil {
			return
		}
		if d.Corpus, d.Recipe = "", ""; d.Write(file) != nil {
			return
		}
		again, err := Read(file)
		if err != nil {
			t.Fatalf("%s: its own file: %v", text, err)
		}
		a, _ := json.Marshal(d)
		if b, _ := json.Marshal(again); string(a) != string(b) {
			t.Errorf("%s and %s", a, b)
		}
	})
}
