// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"fmt"
	"strings"
	"testing"
)

// What each member changes, as `section.name was X, is Y`; the competition's table, section 6 of its notes.
func TestMembersOfPaper(t *testing.T) {
	frames := []string{`model.layout was "cls_first", is "frames_first"`, `model.tag_input was "cls", is "embedding"`}
	for n, want := range map[int][]string{
		1: nil,
		2: frames,
		3: append(frames[:2:2], "pretrain.weight_mfm was 0.1111111111111111, is 0"),
		4: {`model.pooling was "mean", is "attention"`, "pretrain.pairwise_epochs was 0, is 5"},
		5: {`model.pooling was "mean", is "attention"`, "pretrain.epochs was 40, is 32", "pretrain.seed was 2021, is 123456",
			"pretrain.include_tests was false, is true", "finetune.seed was 2021, is 123456"},
		6: {"pretrain.epochs was 40, is 24", "pretrain.mlm_probability was 0.15, is 0.25",
			"pretrain.mfm_probability was 0.135, is 0.225"},
	} {
		r := load(t, "paper")
		if err := r.Member(n); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range paper().Diff(r) {
			got = append(got, d.String())
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("member %d: %s\nwant %s", n, got, want)
		}
	}
}

func TestMembersScale(t *testing.T) {
	var got []string
	seeds := map[int64]bool{}
	for n := range Members {
		r := load(t, "demo")
		r.Pretrain.Epochs = 10
		if err := r.Member(n + 1); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(r.Model.Pooling, r.Pretrain.Epochs, r.Pretrain.PairwiseEpochs))
		seeds[r.Pretrain.Seed] = true
	}
	want := "masked_mean10 0,masked_mean10 0,masked_mean10 0,masked_attention10 1,masked_attention8 0,masked_mean6 0"
	if s := strings.Join(got, ","); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
	if len(seeds) != Members {
		t.Errorf("seeds %v are not distinct", seeds)
	}
	for _, epochs := range []int{0, 1} { // a run without pretraining keeps none, one with keeps some
		r := load(t, "tiny")
		r.Pretrain.Epochs = epochs
		if err := r.Member(6); err != nil {
			t.Fatal(err)
		}
		if r.Pretrain.Epochs != epochs {
			t.Errorf("%d epochs became %d", epochs, r.Pretrain.Epochs)
		}
	}
}

func TestMemberErrors(t *testing.T) {
	for _, n := range []int{0, 7, -1} {
		r := load(t, "paper")
		same(t, r.Member(n), fmt.Sprintf("member %d: there are 1 to 6", n))
	}
}
