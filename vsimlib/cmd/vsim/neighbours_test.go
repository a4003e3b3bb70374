// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"vsim/vsimlib/embeddings"
)

// rounded has every cosine in a text at six digits.
func rounded(text string) string {
	return regexp.MustCompile(`0\.\d+`).ReplaceAllStringFunc(text, func(digits string) string {
		v, _ := strconv.ParseFloat(digits, 64)
		return fmt.Sprintf("%.6g", v)
	})
}

// TestNeighbours: lines with tabs, with commas, and JSON; what is wrong is named.
func TestNeighbours(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.safetensors")
	set := embeddings.Set{Dim: 2, IDs: []int64{9, 4, 7, 2}, Data: []float32{1, 0, 0, 1, 0.6, 0.8, 2, 0}}
	if err := set.Write(path); err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) outcome {
		return vsim(t, append([]string{"neighbours", "--embeddings", path}, args...)...)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--id", "7", "--id", "9", "--k", "2"}, "id\trank\tneighbour\tcosine\n7\t1\t4\t0.8\n7\t2\t2\t0.6\n9\t1\t2\t1\n9\t2\t7\t0.6\n"},
		{[]string{"--all", "--k", "1", "--csv"}, "id,rank,neighbour,cosine\n9,1,2,1\n4,1,7,0.8\n7,1,4,0.8\n2,1,9,1\n"},
		{[]string{"--duplicates", "0.7"}, "id1\tid2\tcosine\n2\t9\t1\n4\t7\t0.8\n"},
		{[]string{"--duplicates", "0.99", "--json"}, `{"pairs":[{"id1":2,"id2":9,"cosine":1}]}` + "\n"},
		{[]string{"--id", "4", "--k", "1", "--json"}, `{"neighbours":[{"id":4,"nearest":[{"id":7,"cosine":0.8}]}]}` + "\n"},
	} {
		// 0.6 and 0.8 in float32 are not exactly on the unit circle, so the cosines are 0.6 and 0.8 to seven digits only.
		if o := call(c.args...).ended(exitDone); rounded(o.out) != c.want {
			t.Errorf("%v: %q, want %q", c.args, o.out, c.want)
		}
	}
	call("--id", "5").failed(exitFailed, "id 5 is not among the 4 embeddings", path)
	call().failed(exitUsage, "give one of --id, --all and --duplicates")
	call("--all", "--id", "4").failed(exitUsage, "give one of")
	call("--duplicates", "2").failed(exitUsage, "a cosine is in [-1,1]")
	call("--all", "--k", "0").failed(exitUsage, "--k: 0 is below 1")
}
