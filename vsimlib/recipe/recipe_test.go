// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/jsonfile"
)

func load(t *testing.T, name string) Recipe {
	t.Helper()
	r, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.json")
	if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// same fails unless err is want, or nil where want is empty.
func same(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil && want != "":
		t.Errorf("no error, want %s", want)
	case err != nil && err.Error() != want:
		t.Errorf("error %s\n want %s", err, want)
	}
}

func TestPresetsAreValid(t *testing.T) {
	for _, name := range Presets() {
		for n := range Members + 1 {
			r := load(t, name)
			if n > 0 {
				if err := r.Member(n); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Validate(); err != nil {
				t.Errorf("%s, member %d: %v", name, n, err)
			}
			if err := r.Resolve(CompetitionSizes); err != nil {
				t.Errorf("%s, member %d: %v", name, n, err)
			}
			if err := r.Model.Validate(); err != nil {
				t.Errorf("%s, member %d: %v", name, n, err)
			}
		}
	}
}

// The numbers of the released code: notes of the competition, sections 3 to 5.
func TestPaperPreset(t *testing.T) {
	r := load(t, "paper")
	if err := r.Resolve(CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	p, f := r.Pretrain, r.Finetune
	for name, c := range map[string][2]float64{
		"tag weight": {*p.WeightTag, 1250. / 3},
		"mlm weight": {p.WeightMLM, 1 / (1.25 * 3)},
		"mfm weight": {p.WeightMFM, 1. / (3 * 3)},
		"frames":     {p.MFMProbability, 0.9 * 0.15},
		"positions":  {float64(r.Model.Sequence()), 68},
		"head width": {float64(r.Model.HiddenSize / r.Model.NumAttentionHeads), 64},
		"lr":         {p.LRHeads / p.LREncoder, 10},
		"tune lr":    {f.LRHeads / f.LREncoder, 5},
	} {
		if math.Abs(c[0]-c[1]) > 1e-12*c[1] {
			t.Errorf("%s: %v, want %v", name, c[0], c[1])
		}
	}
}

// Every setting survives the file, in a recipe where none has its usual value.
func TestRecipeFileRoundTrip(t *testing.T) {
	r := load(t, "paper")
	for i, f := range r.fields() {
		switch f.value.Kind() {
		case reflect.Int, reflect.Int64:
			f.value.SetInt(int64(7919 + i))
		case reflect.Float64:
			f.value.SetFloat(float64(i) / 3)
		case reflect.Bool:
			f.value.SetBool(true)
		case reflect.String:
			f.value.SetString("text " + f.name)
		}
	}
	r.Pretrain.Seed = math.MaxInt64
	r.Pretrain.WeightTag = new(1. / 7)
	r.Ensemble.Members, r.Ensemble.Weights = []int{3, 1}, []float64{.1, 1e-300}
	path := filepath.Join(t.TempDir(), "recipe.json")
	if err := jsonfile.Write(path, r); err != nil {
		t.Fatal(err)
	}
	if back := load(t, path); !reflect.DeepEqual(r, back) {
		t.Errorf("differs in %v", r.Diff(back))
	}
}

func TestZeroRecipeReadsBack(t *testing.T) {
	data, err := json.Marshal(Recipe{})
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !back.Equal(Recipe{}) {
		t.Errorf("differs in %v", back.Diff(Recipe{}))
	}
}

func TestFileBuildsOnPreset(t *testing.T) {
	r := load(t, write(t, `{"pretrain": {"epochs": 3, "weight_tag": 0}}`))
	want := demo()
	want.Pretrain.Epochs, want.Pretrain.WeightTag = 3, new(0.)
	if !r.Equal(want) {
		t.Errorf("differs from demo in %v", want.Diff(r))
	}
	r = load(t, write(t, `{"finetune": {}, "preset": "tiny", "pretrain": {"weight_tag": null}}`))
	if !r.Equal(tiny()) {
		t.Errorf("differs from tiny in %v", tiny().Diff(r))
	}
}

func TestLoadErrors(t *testing.T) {
	for data, want := range map[string]string{
		``: "the JSON ends too early (it is an empty file: copy or download it again)",
		"\ufeff{}": "line 1: invalid character 'ï' looking for beginning of value" +
			" (it looks like text with a byte order mark: save it as UTF-8 without one)",
		"<!DOCTYPE html>": "line 1: invalid character '<' looking for beginning of value" +
			" (it looks like an HTML page: the download saved a web page in place of the file)",
		"# Title\n":                        "is text, no JSON; give a recipe, or a preset (tiny, demo, paper)",
		`[]`:                               "not a JSON object",
		`{"model": {}`:                     "the JSON ends too early",
		"{\n\n\"model\": {x}}":             "line 3: invalid character 'x' looking for beginning of object key string",
		`{} {}`:                            "more text after the JSON object",
		`{"modle": {}}`:                    `unknown section "modle"; there are model, pretrain, finetune, ensemble; the nearest is "model"`,
		`{"model": 3}`:                     `section "model": not a JSON object`,
		`{"model": null}`:                  `section "model": not a JSON object`,
		`{"model": {"hiden_size": 3}}`:     `unknown name "model.hiden_size"; the nearest is "model.hidden_size"` + all("model"),
		`{"pretrain": {"lr": 1}}`:          `unknown name "pretrain.lr"; the nearest is "pretrain.lr_encoder"` + all("pretrain"),
		`{"pretrain": {"Epochs": 1}}`:      `unknown name "pretrain.Epochs"; the nearest is "pretrain.epochs"` + all("pretrain"),
		`{"pretrain":{"seed":1,"seed":2}}`: `section "pretrain": duplicate key "seed"`,
		`{"model": {}, "model": {}}`:       `duplicate key "model"`,
		`{"pretrain": {"epochs": "ten"}}`:  `pretrain.epochs: "ten" is not a whole number`,
		`{"pretrain": {"epochs": 1.5}}`:    `pretrain.epochs: 1.5 is not a whole number`,
		`{"pretrain": {"epochs": null}}`:   `pretrain.epochs: null is not a whole number`,
		`{"pretrain": {"batch": 1e30}}`:    `pretrain.batch: 1e30 is not a whole number`,
		`{"pretrain": {"weight_mlm": []}}`: `pretrain.weight_mlm: [] is not a number`,
		`{"pretrain": {"weight_tag": ""}}`: `pretrain.weight_tag: "" is not a number or null`,
		`{"model": {"layout": 3}}`:         `model.layout: 3 is not a text`,
		`{"ensemble": {"members": [1.5]}}`: `ensemble.members: [1.5] is not a list of whole numbers`,
		`{"preset": "large"}`:              `preset: unknown name "large"; there are tiny, demo, paper`,
		`{"preset": 3}`:                    `preset: 3 is not a text`,
	} {
		path := write(t, data)
		_, err := Load(path)
		same(t, err, "recipe "+path+": "+want)
	}
	_, err := Load("demoo")
	same(t, err, `recipe "demoo": neither a preset (tiny, demo, paper) nor a file`)
	_, err = Load("no/such.json")
	same(t, err, "recipe: open no/such.json: no such file or directory")
}

func TestSet(t *testing.T) {
	r := load(t, "demo")
	for _, s := range []string{"pretrain.epochs=3", "pretrain.seed=-9", "pretrain.weight_tag=.5", " pretrain.lr_heads = 1e-2 ",
		"finetune.split=strict", "pretrain.include_tests=true", "model.compute_dtype=bfloat16", "ensemble.members=2,5",
		"ensemble.weights=[1, .5e1]"} {
		if err := r.Set(strings.ReplaceAll(s, ".5e1", "5")); err != nil {
			t.Error(err)
		}
	}
	want := demo()
	want.Pretrain.Epochs, want.Pretrain.Seed, want.Pretrain.WeightTag, want.Pretrain.LRHeads = 3, -9, new(.5), .01
	want.Finetune.Split, want.Pretrain.IncludeTests, want.Model.ComputeDType = competition.SplitStrict, true, BFloat16
	want.Ensemble.Members, want.Ensemble.Weights = []int{2, 5}, []float64{1, 5}
	if d := want.Diff(r); len(d) != 0 {
		t.Error(d)
	}
	for _, s := range []string{"pretrain.weight_tag=null", "ensemble.weights=", "model.compute_dtype="} {
		if err := r.Set(s); err != nil {
			t.Error(err)
		}
	}
	if r.Pretrain.WeightTag != nil || len(r.Ensemble.Weights) != 0 || r.Model.ComputeDType != "" {
		t.Errorf("not reset: %+v", r)
	}
}

func TestSetErrors(t *testing.T) {
	for s, want := range map[string]string{
		"epochs=3":                  "want section.name=value, such as pretrain.epochs=3",
		"pretrain.epochs":           "want section.name=value, such as pretrain.epochs=3",
		"":                          "want section.name=value, such as pretrain.epochs=3",
		"pretain.epochs=3":          `unknown section "pretain"; there are model, pretrain, finetune, ensemble; the nearest is "pretrain"`,
		".epochs=3":                 `unknown section ""; there are model, pretrain, finetune, ensemble`,
		"finetune.epoch=3":          `unknown name "finetune.epoch"; the nearest is "finetune.epochs"` + all("finetune"),
		"model.heads=3":             `unknown name "model.heads"; the nearest is "model.num_attention_heads"` + all("model"),
		"pretrain.epochs=3.5":       "pretrain.epochs: 3.5 is not a whole number",
		"pretrain.epochs=":          "pretrain.epochs: nothing is not a whole number",
		"pretrain.epochs=3 4":       "pretrain.epochs: 3 4 is not a whole number",
		"pretrain.weight_mlm=NaN":   "pretrain.weight_mlm: NaN is not a number",
		"pretrain.weight_mlm=1e999": "pretrain.weight_mlm: 1e999 is not a number",
		"pretrain.lr_encoder=1_0":   "pretrain.lr_encoder: 1_0 is not a number",
		"pretrain.lr_encoder=0x1p3": "pretrain.lr_encoder: 0x1p3 is not a number",
		"pretrain.include_tests=1":  "pretrain.include_tests: 1 is not true or false",
		"ensemble.members=1,x":      "ensemble.members: [1,x] is not a list of whole numbers",
	} {
		r := load(t, "demo")
		same(t, r.Set(s), `setting "`+s+`": `+want)
		if !r.Equal(demo()) {
			t.Errorf("%s: the recipe changed", s)
		}
	}
}

// Every type in the structs has a name for error lines and reads back from its own text.
func TestFieldKinds(t *testing.T) {
	r := load(t, "paper")
	for _, f := range r.fields() {
		if strings.HasPrefix(kindName(f.value.Interface()), "a value") {
			t.Errorf("%s: no name for type %s", f.full(), f.value.Type())
		}
		value := strings.Trim(f.json(), `"`)
		if err := r.Set(f.full() + "=" + value); err != nil {
			t.Error(err)
		}
		if f.name == "" || strings.ToLower(f.name) != f.name {
			t.Errorf("JSON name %q", f.name)
		}
	}
	if d := paper().Diff(r); len(d) > 0 {
		t.Error(d)
	}
}

func TestDiff(t *testing.T) {
	a, b := load(t, "demo"), load(t, "demo")
	b.Ensemble.Weights = nil
	if !a.Equal(b) {
		t.Error("an empty and a nil list differ")
	}
	b.Model.HiddenSize, b.Pretrain.WeightTag, b.Finetune.Split = 64, new(2.5), "strict"
	var got []string
	for _, d := range a.Diff(b) {
		got = append(got, d.String())
	}
	want := "model.hidden_size was 128, is 64; pretrain.weight_tag was null, is 2.5; finetune.split was \"released\", is \"strict\""
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	a := load(t, "demo")
	a.Pretrain.WeightTag, a.Ensemble.Weights = new(3.), []float64{1, 2, 3, 4, 5, 6}
	b := a.Clone()
	*b.Pretrain.WeightTag, b.Ensemble.Members[0], b.Ensemble.Weights[0] = 4, 9, 9
	if *a.Pretrain.WeightTag != 3 || a.Ensemble.Members[0] != 1 || a.Ensemble.Weights[0] != 1 {
		t.Errorf("%+v", a)
	}
}

// Whatever the bytes, decoding ends with a recipe that writes and reads back, or with one line.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"preset":"tiny"}`, `{"model":{"hidden_size":3,"layout":"x"},"ensemble":{"weights":null}}`,
		`{"pretrain":{"weight_tag":null,"seed":-1,"include_tests":true}}`, `{"a":`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("two lines: %q", err)
			}
			return
		}
		_ = r.Validate()
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Decode(again); err != nil || !back.Equal(r) {
			t.Errorf("%s reads back as %+v, %v", again, back, err)
		}
	})
}

// all is the list of a section's settings, as messages have it.
func all(section string) string {
	var names []string
	for _, a := range (Recipe{}).Assignments() {
		if of, name, _ := strings.Cut(a.Name, "."); of == section {
			names = append(names, name)
		}
	}
	return ", and there are " + strings.Join(names, ", ")
}
