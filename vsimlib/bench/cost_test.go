// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/recipe"
)

// The competition's data, as the winners' logs and the label files count them.
const (
	competitionVideos = 1_063_613 // pointwise and pairwise
	competitionPairs  = 65_373    // that fold 0 of the released split trains on
	words, frames     = 18.7, 15. // a video: title characters, and a guess at the frames from the median 13 and 12% at 32
)

// paperWork is one batch of the paper, padding computed as its pooling asks for, tokens and frames scored where they are hidden
// only.
func paperWork(r recipe.Recipe) Work {
	b, s := float64(r.Pretrain.Batch), float64(r.Model.Sequence())
	return Work{Videos: b, Positions: b * s, Attended: b * s * s, Frames: b * float64(r.Model.MaxFrames),
		MaskedTokens: b * words * r.Pretrain.MLMProbability, MaskedFrames: b * frames * r.Pretrain.MFMProbability}
}

// paperFLOPs is what pretraining and finetuning of one model of the paper take. A pair is two videos without heads but the
// embedding's.
func paperFLOPs(t *testing.T) (pretrain, finetune float64) {
	t.Helper()
	r, _ := recipe.Preset("paper")
	if err := r.Resolve(recipe.CompetitionSizes); err != nil {
		t.Fatal(err)
	}
	w := paperWork(r)
	pretrain = StepFLOPs(r, w) / w.Videos * competitionVideos * float64(r.Pretrain.Epochs)
	// Finetuning reads the pooled last layer, as a tag head on the embedding does; that of no tags is the embedding's head alone.
	r.Model.TagInput, r.Model.NumTags, r.Pretrain.WeightMLM, r.Pretrain.WeightMFM = recipe.TagEmbedding, 0, 0, 0
	finetune = StepFLOPs(r, w) / w.Videos * 2 * competitionPairs * float64(r.Finetune.Epochs)
	return pretrain, finetune
}

// sixModels is how many times the pretraining of member 1 all six take, by their epochs; member 5's further videos, tests without
// tags, add a fifteenth to its own.
func sixModels(t *testing.T) float64 {
	t.Helper()
	total := 0.0
	for n := 1; n <= recipe.Members; n++ {
		r, _ := recipe.Preset("paper")
		if err := r.Member(n); err != nil {
			t.Fatal(err)
		}
		epochs := float64(r.Pretrain.Epochs)
		if r.Pretrain.IncludeTests {
			epochs *= 1 + (31_514.+43_027-10_581)/competitionVideos
		}
		total += epochs + float64(r.Pretrain.PairwiseEpochs)*63_613/competitionVideos
	}
	return total / 40
}

// TestStudentsCosts holds the table of hours on the students' page against the counting function: each row's hours are its share
// of its peak (or its measured rate) away from the FLOPs.
func TestStudentsCosts(t *testing.T) {
	page, err := os.ReadFile("../../notebooks/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pretrain, finetune := paperFLOPs(t)
	six := sixModels(t)*pretrain + 6*finetune
	stated := fmt.Sprintf("%.1f EFLOP of pretraining and %.2f of finetuning a model, %.0f for all six",
		pretrain/1e18, finetune/1e18, six/1e18)
	if !strings.Contains(string(page), stated) {
		t.Errorf("the page does not say %q", stated)
	}
	row := regexp.MustCompile(`(?m)^\| ([^|]+) \| ([\d.]+) TFLOP/s[^|]* \| ([^|]+) \| ([^|]+) \| ([^|]+) \|`)
	rows := row.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 4 {
		t.Fatalf("%d rows of costs", len(rows))
	}
	for _, found := range rows {
		rate, err := strconv.ParseFloat(found[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		for i, flops := range []float64{pretrain, finetune, six} {
			if want := duration(flops / (rate * 1e12)); want != strings.TrimSpace(found[3+i]) {
				t.Errorf("%s: column %d says %q, want %q", found[1], i+1, found[3+i], want)
			}
		}
	}
}

// duration writes seconds as minutes, hours, days or years, with two digits that count.
func duration(seconds float64) string {
	for _, unit := range []struct {
		name  string
		size  float64
		limit float64
	}{{"min", 60, 120 * 60}, {"h", 3600, 100 * 3600}, {"days", 86400, 1000 * 86400}, {"years", 365.25 * 86400, math.Inf(1)}} {
		if seconds < unit.limit {
			v := seconds / unit.size
			digits := 0
			if v < 9.95 {
				digits = 1
			}
			return fmt.Sprintf("%.*f %s", digits, v, unit.name)
		}
	}
	return ""
}
