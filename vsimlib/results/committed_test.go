// SPDX-License-Identifier: Apache-2.0

package results_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/results"
)

// committed is the folder of the committed results.
var committed = filepath.Join("..", "..", "data", "results")

// sections are the types of the values in results files that have a key a line.
var sections = map[string]map[string]any{
	"finetuning": {
		"dispute": results.Dispute{}, "labels": []results.LabelLevel{}, "leaks": []results.Leak{}, "splits": []results.SplitSize{},
	},
	"minibatch": {"masking": []results.MaskShare{}, "minibatch": results.Minibatch{}},
	"model":     {"attention": results.Attention{}, "parameters": []results.PartSize{}},
	"pretraining": {
		"filled": []results.Filled{}, "member1": []results.TaskLoss{}, "picked": results.Picked{}, "tag1": []results.TaskLoss{},
		"tags": []results.TagGuess{},
	},
	"record": {"record": results.Record{}},
}

// whole are the types of results files that hold one value.
var whole = map[string]any{"quickstart": results.Evaluation{}, "study-claims": results.Claims{}}

// measured are the files that hold what was measured: sweep.json is package bench's, gpu-h100.json is from docker/gpu-check.
var measured = []string{"sweep", "gpu-h100"}

// TestCommittedResults decodes every committed results file into its type, without a field that the type lacks, and encodes it to
// the same bytes. Those of measured are other packages'.
func TestCommittedResults(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(committed, "*.json"))
	if err != nil || len(files) < 16 {
		t.Fatalf("%d results files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		switch value, ok := whole[name]; {
		case ok:
			roundTrip(t, name, value, data, indented)
		case strings.HasPrefix(name, "study-"):
			roundTrip(t, name, results.Table{}, data, indented)
		case sections[name] != nil:
			roundTripSections(t, name, data)
		case !slices.Contains(measured, name):
			t.Errorf("%s has no type here", file)
		}
	}
}

func roundTripSections(t *testing.T, name string, data []byte) {
	t.Helper()
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for key, raw := range values {
		switch value, ok := sections[name][key]; {
		case ok:
			roundTrip(t, name+"."+key, value, raw, json.Marshal)
		case key != "scale" && key != "corpus":
			t.Errorf("%s.%s has no type here", name, key)
		}
	}
}

// indented encodes a value as jsonfile.Write does.
func indented(value any) ([]byte, error) {
	data, err := json.MarshalIndent(value, "", "  ")
	return append(data, '\n'), err
}

// roundTrip decodes data strictly into a new value of the type of zero, and encodes that.
func roundTrip(t *testing.T, name string, zero any, data []byte, encode func(any) ([]byte, error)) {
	t.Helper()
	value := reflect.New(reflect.TypeOf(zero)).Interface()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(value); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if got, err := encode(value); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%s: %d bytes become %d other ones, %v", name, len(data), len(got), err)
	}
}
