// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSource shows a function of the checkout that VSIM_ROOT names.
func TestSource(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("VSIM_ROOT", root)
	view, err := Source("losses.FrameNCE")
	if err != nil {
		t.Fatal(err)
	}
	if v := view[0].(htmlView); !strings.Contains(v.HTML.HTML(), "<details>") || !strings.Contains(v.String(), "func FrameNCE(") {
		t.Errorf("%+v", v)
	}
	if _, err := Source("losses.FrameNEC"); err == nil || !strings.Contains(err.Error(), "losses.FrameNCE") {
		t.Errorf("%v", err)
	}
}

// TestDiagram draws the preset with the sizes of the corpus.
func TestDiagram(t *testing.T) {
	settle(t)
	r, err := Recipe(1)
	if err != nil {
		t.Fatal(err)
	}
	view, err := Diagram(r)
	if err != nil {
		t.Fatal(err)
	}
	if v := view[0].(htmlView); !strings.Contains(v.HTML.HTML(), "<svg ") || !strings.Contains(v.String(), "V = 21,128 vocabulary") {
		t.Errorf("%+v", v)
	}
}
