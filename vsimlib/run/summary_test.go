// SPDX-License-Identifier: Apache-2.0

package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiverged: only the last validation counts, against the lowest one and the first step's loss.
func TestDiverged(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"", ""},
		{`{"step":1,"loss":9}`, ""},
		{`{"step":1,"loss":9};{"step":5,"val_loss":17}`, ""},
		{`{"step":1,"loss":9};{"step":5,"val_loss":8880}`, "val_loss is 8880, after 9 in the first steps;"},
		{`{"step":1,"loss":9};{"step":5,"val_loss":4};{"step":9,"loss":1};{"step":10,"val_loss":8.5}`, "is 8.5, after 4 at step 5;"},
		{`{"step":1,"loss":9};{"step":5,"val_loss":8880};{"step":10,"val_loss":5}`, ""},
		{`{"step":1,"loss":9};{"step":5,"val_mse":8880}`, ""},
		{`{"step":1,"loss":1};{"step":2,"loss":9};{"step":11,"loss":99};{"step":12,"val_loss":17}`, ""},
		{`{"step":1,"loss":1};{"step":2,"loss":9};{"step":11,"loss":99};{"step":12,"val_loss":19}`, "is 19, after 9 in the first steps;"},
	} {
		path := filepath.Join(t.TempDir(), "metrics.jsonl")
		text := strings.ReplaceAll(c.lines, ";", "\n")
		if text != "" {
			text += "\n"
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Diverged(path)
		if err != nil || (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, %v, want %q", c.lines, got, err, c.want)
		}
	}
}
