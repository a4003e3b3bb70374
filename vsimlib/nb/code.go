// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/plots/diagram"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/sourcecode"
	"vsim/vsimlib/workspace"
	"vsim/vsimlib/workspace/looks"
)

// Source shows declarations of this build, such as losses.FrameNCE or step.Step.Advance, with file and line, folded.
func Source(names ...string) (View, error) {
	w, err := workspace.Open()
	var view View
	for i := 0; i < len(names) && err == nil; i++ {
		var s sourcecode.Source
		s, err = sourcecode.Find(w.Root, names[i])
		view = append(view, htmlView{s})
	}
	return view, err
}

// Diagram draws r's model: both streams, shapes, layers, heads and losses.
func Diagram(r recipe.Recipe) (View, error) {
	_, s, err := looks.Open(r)
	if err != nil {
		return nil, err
	}
	return View{htmlView{diagram.Of(s.Recipe)}}, nil
}
