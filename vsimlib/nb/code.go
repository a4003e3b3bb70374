// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/plots/diagram"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/sourcecode"
	"vsim/vsimlib/workspace"
)

// Source shows a declaration of this build, such as losses.FrameNCE or step.Step.Advance, with its file and line, folded.
func Source(name string) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	s, err := sourcecode.Find(w.Root, name)
	return View{htmlView{s}}, err
}

// Diagram draws r's model: both streams, shapes, layers, heads and losses.
func Diagram(r recipe.Recipe) (View, error) {
	_, s, err := openCorpus(r)
	if err != nil {
		return nil, err
	}
	return View{htmlView{diagram.Of(s.Recipe)}}, nil
}
