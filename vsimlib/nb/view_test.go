// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/results"
	"vsim/vsimlib/run/outcome"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace/rendered"
)

// TestViews: every value has a view, a path without this machine's folders.
func TestViews(t *testing.T) {
	w := settle(t)
	for want, value := range map[string]any{
		"7": 7, "0.5": 0.5, "true": true, "a b": "a\nb", "runs/m/pretrain": Run("m", "pretrain"),
	} {
		if view, err := viewOf(value); err != nil || len(view) != 1 || view[0] != valueView(want) {
			t.Errorf("%v: %v, %v", value, view, err)
		}
	}
	view, err := viewOf(View{markdownView("a"), markdownView("b")})
	if err != nil || len(view) != 2 {
		t.Errorf("a view of a view: %v, %v", view, err)
	}
	view, err = viewOf([]results.Joined{{Model: filepath.Join(w.Runs, "all"), Dim: 2048}})
	if err != nil || len(view) != 1 {
		t.Fatalf("rows: %v, %v", view, err)
	}
	if rows := view[0].(tableView).Rows; rows[0][0].Text != "runs/all" || rows[0][3].Text != "2,048" {
		t.Errorf("rows %v", rows)
	}
	for name, value := range map[string]any{"nothing": nil, "no rows": []results.Joined{}, "numbers": []int{1}} {
		if _, err := viewOf(value); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTrainedViews: a cell shows four rows of a training, and what is wrong with it; Table shows all.
func TestTrainedViews(t *testing.T) {
	settle(t)
	losses := map[string]float64{"loss": 2.6, "loss_tag": .024, "loss_mlm": 6.11, "loss_mfm": 2.8}
	pretrain := trainer.PretrainResult{Steps: 350, Losses: losses, Videos: 1147, Devices: 1, Model: "m"}
	finetune := trainer.FinetuneResult{Steps: 358, ValSpearman: .783, HeldOut: outcome.HeldOut{TrainPairs: 11495, ValPairs: 505,
		LeakedPairs: 500}}
	diverged := pretrain
	diverged.Diverged = "the last val_loss"
	for want, value := range map[string]any{
		"loss loss_mfm loss_mlm loss_tag": pretrain, "loss loss_mfm loss_mlm loss_tag diverged": diverged,
		"steps": trainer.PretrainResult{}, "val_spearman val_mse train_pairs leaked_pairs": finetune,
	} {
		view, err := viewOf(value)
		if err != nil || len(view) != 1 {
			t.Fatalf("%v: %v", value, err)
		}
		var names []string
		for _, row := range view[0].(tableView).Rows {
			names = append(names, row[0].Text)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	all, err := Table(finetune)
	if err != nil || len(all[0].(tableView).Rows) < 12 {
		t.Errorf("all rows: %v, %v", all, err)
	}
	view, err := viewOf(finetune)
	if got := view[0].(tableView).Rows[3][1].Text; err != nil || got != "500 of 505" {
		t.Errorf("leaks %q, %v", got, err)
	}
}

// TestRendered: outside a kernel the last cell says commit, date and processor.
func TestRendered(t *testing.T) {
	settle(t)
	t.Setenv(rendered.Start, "")
	view, err := viewOf(Must(Rendered()))
	if err != nil || len(view[0].(tableView).Rows) != 3 {
		t.Errorf("%v, %v", view, err)
	}
	t.Setenv(rendered.Start, "1000000000")
	view, err = viewOf(Must(Rendered()))
	if err != nil || len(view[0].(tableView).Rows) != 4 {
		t.Errorf("in a kernel %v, %v", view, err)
	}
}
