// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"os"
	"path/filepath"
)

// Drawing is a figure that can be written into a folder under a name; package plots makes them.
type Drawing interface {
	Write(folder, name string) (png []byte, alt string, err error)
}

// Figure writes a drawing into the figures folder and shows it.
func Figure(name string, d Drawing) error {
	p, err := where()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.figures, 0o777); err != nil {
		return err
	}
	png, alt, err := d.Write(p.figures, name)
	if err != nil {
		return err
	}
	showPNG(png, alt, p.relative(filepath.Join(p.figures, name+".png")))
	return nil
}
