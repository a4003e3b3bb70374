// SPDX-License-Identifier: Apache-2.0

package targets

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/recipe"
)

// TestTeacher: cosines by hand of embeddings of any length; and errors that name the file, and the video that it lacks.
func TestTeacher(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "teacher.safetensors")
	set := &embeddings.Set{IDs: []int64{7, 5, 9}, Dim: 2, Data: []float32{3, 4, 1, 0, 0, -2}}
	if err := set.Write(path); err != nil {
		t.Fatal(err)
	}
	pairs := []corpus.Pair{{A: 5, B: 7}, {A: 7, B: 9}, {A: 9, B: 9}}
	got, err := Teacher(recipe.Finetune{Teacher: path}, pairs)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.6, -0.8, 1} {
		if math.Abs(float64(got[i])-want) > 1e-7 {
			t.Errorf("pair %d: cosine %g, want %g", i, got[i], want)
		}
	}
	if none, err := Teacher(recipe.Finetune{}, pairs); none != nil || err != nil {
		t.Errorf("without a teacher: %v, %v", none, err)
	}
	filetest.Write(t, filepath.Join(dir, "text"), "no embeddings")
	for _, c := range []struct {
		path, want string
		pairs      []corpus.Pair
	}{
		{path, path + ": has no embedding of video 4, of the pair 5-4; embed all of pairwise with the teacher",
			[]corpus.Pair{{A: 5, B: 7}, {A: 5, B: 4}}},
		{filepath.Join(dir, "none"), "none: no such file", pairs},
		{filepath.Join(dir, "text"), "text: ", pairs},
	} {
		_, err := Teacher(recipe.Finetune{Teacher: c.path}, c.pairs)
		if err == nil || !strings.HasPrefix(err.Error(), "finetune.teacher: ") || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q", err, c.want)
		}
	}
}
