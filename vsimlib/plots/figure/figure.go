// SPDX-License-Identifier: Apache-2.0

// Package figure is how a figure is drawn and written: panels with axes and grids, one palette, and the files NAME.png, NAME.svg
// and, with the numbers behind them, NAME.csv. The same figure is the same bytes.
//
// One palette serves all: Okabe and Ito's colours, which colour-blind readers can distinguish, in an order of clearly different
// lightness, and with a dash and a mark of their own, so that a grey print is readable too.
package figure

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/text"
)

// Figure is a figure to be made: nothing is read before Write. Build reads its files.
type Figure struct {
	Build func() (*Drawing, error)
}

// Drawing is a figure with its data read.
type Drawing struct {
	Alt           string // what it shows, for those who cannot see it
	Width, Height vg.Length
	Panels        [][]*plot.Plot // rows of panels; nil leaves a gap
	Key           *Key           // below all panels; nil: none
	Header        []string       // of the numbers
	Rows          [][]string
}

// dpi is twice CSS's, so that a PNG is sharp on dense screens.
const dpi = 2 * cssDPI

// Write reads the files behind the figure and writes NAME.png, NAME.svg and NAME.csv into a folder, each atomically. It
// returns the PNG, and in words what it shows.
func (f Figure) Write(folder, name string) (png []byte, alt string, err error) {
	if err := CheckName(name); err != nil {
		return nil, "", err
	}
	d, err := f.Drawing()
	if err != nil {
		return nil, "", fmt.Errorf("plots: %s: %w", name, err)
	}
	png, err = d.png()
	if err != nil {
		return nil, "", fmt.Errorf("plots: %s: %w", name, err)
	}
	svg, err := d.svg()
	if err != nil {
		return nil, "", fmt.Errorf("plots: %s: %w", name, err)
	}
	numbers, err := d.csv()
	if err != nil {
		return nil, "", fmt.Errorf("plots: %s: %w", name, err)
	}
	return png, d.Alt, WriteFiles(folder, name, File{".csv", numbers}, File{".svg", svg}, File{".png", png})
}

// Encode reads the files behind the figure and returns one of its files: .svg, .png, or .csv with the numbers.
func (f Figure) Encode(extension string) ([]byte, error) {
	d, err := f.Drawing()
	if err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	return d.Encode(extension)
}

// Encode is the drawing as the bytes of a file with an extension: .svg, .png or, with the numbers, .csv.
func (d *Drawing) Encode(extension string) ([]byte, error) {
	switch extension {
	case ".svg":
		return d.svg()
	case ".png":
		return d.png()
	case ".csv":
		return d.csv()
	}
	return nil, fmt.Errorf("plots: a figure is a .svg, .png or .csv, not a %q", extension)
}

// File is one of the files of a figure.
type File struct {
	Extension string
	Data      []byte
}

// Stem is the name of a figure without the extension of one of its files: "curves" for "curves.png".
func Stem(name string) string {
	if e := filepath.Ext(name); slices.Contains([]string{".png", ".svg", ".csv"}, e) {
		return strings.TrimSuffix(name, e)
	}
	return name
}

// CheckName refuses a name that is not that of a visible file.
func CheckName(name string) error {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("plots: invalid figure name %q", name)
	}
	return nil
}

// WriteFiles writes the files of a figure into a folder, each atomically.
func WriteFiles(folder, name string, files ...File) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("plots: %w", err)
	}
	for _, f := range files {
		if err := atomicfile.WriteData(filepath.Join(folder, name+f.Extension), f.Data); err != nil {
			return fmt.Errorf("plots: %w", err)
		}
	}
	return nil
}

// Drawing reads the files behind the figure.
func (f Figure) Drawing() (*Drawing, error) {
	if f.Build == nil {
		return nil, errors.New("an empty figure")
	}
	return f.Build()
}

// draw puts the panels on a canvas, their axes in line.
func (d *Drawing) draw(c vg.CanvasSizer) {
	canvas := draw.New(c)
	if d.Key != nil {
		canvas = d.Key.draw(canvas)
	}
	tiles := draw.Tiles{
		Rows: len(d.Panels), Cols: len(d.Panels[0]),
		PadX: vg.Points(14), PadY: vg.Points(10),
		PadTop: vg.Points(6), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(10),
	}
	canvases := plot.Align(d.Panels, tiles, canvas)
	for i, row := range d.Panels {
		for j, panel := range row {
			if panel != nil {
				panel.Draw(canvases[i][j])
			}
		}
	}
}

func (d *Drawing) png() ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(d.Width, d.Height), vgimg.UseDPI(dpi))
	d.draw(c)
	png, err := encode(c.Image())
	if err != nil {
		return nil, err
	}
	return withDensity(png, dpi), nil
}

func (d *Drawing) csv() ([]byte, error) {
	return CSV(append([][]string{d.Header}, d.Rows...))
}

// CSV writes rows as CSV, without formulas.
func CSV(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	for _, row := range rows {
		for i, cell := range row {
			row[i] = text.Cell(cell)
		}
	}
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}
