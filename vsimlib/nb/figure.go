// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"path/filepath"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/workspace"
)

// Drawing is a figure that can be written into a folder under a name; package plots makes them.
type Drawing interface {
	Write(folder, name string) (png []byte, alt string, err error)
}

// Figure writes a drawing into the figures folder under a name, with or without the extension of a picture.
func Figure(name string, d Drawing) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	return drawn(w, name, d)
}

// drawn writes a drawing into a workspace's figures folder.
func drawn(w workspace.Workspace, name string, d Drawing) (View, error) {
	name = figure.Stem(name)
	png, alt, err := d.Write(w.Figures, name)
	return View{pictureView{png, alt, w.Relative(filepath.Join(w.Figures, name+".png"))}}, err
}
