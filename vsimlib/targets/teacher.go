// SPDX-License-Identifier: Apache-2.0

package targets

import (
	"fmt"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/recipe"
)

// Teacher returns the cosine of each pair under the embeddings of the recipe's teacher, nil where it has none. Each video of a pair
// must be among them.
func Teacher(settings recipe.Finetune, pairs []corpus.Pair) ([]float32, error) {
	if settings.Teacher == "" {
		return nil, nil
	}
	cosines, err := cosinesOf(settings.Teacher, pairs)
	if err != nil {
		return nil, fmt.Errorf("finetune.teacher: %w", err)
	}
	list := make([]float32, len(cosines))
	for i, c := range cosines {
		list[i] = float32(c)
	}
	return list, nil
}

func cosinesOf(path string, pairs []corpus.Pair) ([]float64, error) {
	set, err := embeddings.Read(path)
	if err != nil {
		return nil, err
	}
	at, err := set.Index()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range pairs {
		for _, id := range []int64{p.A, p.B} {
			if _, ok := at[id]; !ok {
				return nil, fmt.Errorf("%s: has no embedding of video %d, of the pair %d-%d; embed all of pairwise with the teacher", path, id,
					p.A, p.B)
			}
		}
	}
	cosines, err := evaluate.Cosines(set, pairs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return cosines, nil
}
