// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"path/filepath"
	"testing"

	"vsim/vsimlib/results"
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
