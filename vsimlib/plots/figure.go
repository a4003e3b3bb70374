// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/text"
)

// Figure is a figure to be made: nothing is read before Write.
type Figure struct {
	build func() (*drawing, error)
}

// drawing is a figure with its data read.
type drawing struct {
	alt           string // what it shows, for those who cannot see it
	width, height vg.Length
	panels        [][]*plot.Plot // rows of panels; nil leaves a place empty
	header        []string       // of the numbers
	rows          [][]string
}

// dpi makes a PNG sharp on dense screens and at the width of a page.
const dpi = 144

// Write reads the files behind the figure and writes NAME.png, NAME.svg and NAME.csv into a folder, each atomically. It
// returns the PNG, and in words what it shows.
func (f Figure) Write(folder, name string) (png []byte, alt string, err error) {
	if err := checkName(name); err != nil {
		return nil, "", err
	}
	d, err := f.drawing()
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
	return png, d.alt, writeFiles(folder, name, file{".csv", numbers}, file{".svg", svg}, file{".png", png})
}

// file is one of the files of a figure.
type file struct {
	extension string
	data      []byte
}

// checkName refuses a name that is not that of a visible file.
func checkName(name string) error {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("plots: invalid figure name %q", name)
	}
	return nil
}

// writeFiles writes the files of a figure into a folder, each atomically.
func writeFiles(folder, name string, files ...file) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("plots: %w", err)
	}
	for _, f := range files {
		err := atomicfile.Write(filepath.Join(folder, name+f.extension), func(w io.Writer) error {
			_, err := w.Write(f.data)
			return err
		})
		if err != nil {
			return fmt.Errorf("plots: %w", err)
		}
	}
	return nil
}

func (f Figure) drawing() (*drawing, error) {
	if f.build == nil {
		return nil, errors.New("an empty figure")
	}
	return f.build()
}

// draw puts the panels on a canvas, their axes in line.
func (d *drawing) draw(c vg.CanvasSizer) {
	canvas := draw.New(c)
	tiles := draw.Tiles{
		Rows: len(d.panels), Cols: len(d.panels[0]),
		PadX: vg.Points(14), PadY: vg.Points(10),
		PadTop: vg.Points(6), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(10),
	}
	places := plot.Align(d.panels, tiles, canvas)
	for i, row := range d.panels {
		for j, panel := range row {
			if panel != nil {
				panel.Draw(places[i][j])
			}
		}
	}
}

func (d *drawing) png() ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(d.width, d.height), vgimg.UseDPI(dpi))
	d.draw(c)
	return encode(c.Image())
}

// svg adds to what gonum writes: a title for those who cannot see, and fonts for those who lack Liberation.
func (d *drawing) svg() ([]byte, error) {
	c := vgsvg.New(d.width, d.height)
	d.draw(c)
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return nil, err
	}
	svg := strings.ReplaceAll(out.String(), "font-family:Liberation Sans;",
		"font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")
	start := strings.Index(svg, "<svg")
	end := strings.Index(svg[max(start, 0):], ">")
	if start < 0 || end < 0 {
		return nil, errors.New("the SVG has no head")
	}
	head := start + end + 1
	return []byte(svg[:head] + "\n<title>" + html.EscapeString(d.alt) + "</title>" + svg[head:]), nil
}

func (d *drawing) csv() ([]byte, error) {
	return csvOf(append([][]string{d.header}, d.rows...))
}

// csvOf writes rows as CSV, without formulas.
func csvOf(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	for _, row := range rows {
		for i, cell := range row {
			row[i] = text.Cell(cell)
		}
	}
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}
