// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/report"
	"vsim/vsimlib/run"
)

// neighbours is how many Gallery shows of each video.
const neighbours = 6

// Gallery shows, for the videos of some titles of a part, their nearest neighbours in a model's embeddings: a sheet of
// pictures with their cosines and, below it, a table of the titles in the same order. The sheet goes into the figures
// folder under a name, with its numbers beside it.
func Gallery(figure, model, part string, titles ...string) error {
	p, err := where()
	if err != nil {
		return err
	}
	c, err := corpus.Open(p.corpus)
	if err != nil {
		return err
	}
	set, err := embeddings.Read(Embeddings(model, part))
	if err != nil {
		return fmt.Errorf("%w; run the cell that embeds first", err)
	}
	if len(titles) == 0 {
		return fmt.Errorf("gallery: name at least one video by its title")
	}
	all, err := nearest(c, set, part, neighbours, titles)
	if err != nil {
		return err
	}
	pictures, err := p.thumbs()
	if err != nil {
		return fmt.Errorf("gallery: the corpus's pictures: %w", err)
	}
	sheet, err := drawSheet(all, pictures)
	if err != nil {
		return err
	}
	if err := writeGallery(p, figure, sheet, all); err != nil {
		return err
	}
	showPNG(sheet, sheetWords(model, part, all), p.relative(filepath.Join(p.figures, figure+".png")))
	t := titleTable(all)
	showTable(t)
	return nil
}

// Sizes of the sheet, in pixels.
const (
	pictureSize = 88
	cellWidth   = 116
	cellHeight  = 112
	headHeight  = 24
	marginLeft  = 24
)

// drawSheet draws a row a video: itself, then its neighbours with cosine and label under them.
func drawSheet(all []near, pictures thumbs) ([]byte, error) {
	width, height := marginLeft+(neighbours+1)*cellWidth, headHeight+len(all)*cellHeight
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(width), vg.Length(height)), vgimg.UseDPI(72)) // a point is a pixel
	canvas := vgdraw.New(c)
	style := text.Style{
		Color: color.RGBA{40, 40, 40, 255}, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: 12},
		XAlign: vgdraw.XCenter, YAlign: vgdraw.YCenter, Handler: plot.DefaultTextHandler,
	}
	write := func(x, y int, s string) {
		canvas.FillText(style, vg.Point{X: vg.Length(x), Y: vg.Length(height - y)}, s)
	}
	write(marginLeft+cellWidth/2, headHeight/2, "query")
	for i := range neighbours {
		write(marginLeft+(i+1)*cellWidth+cellWidth/2, headHeight/2, strconv.Itoa(i+1))
	}
	for row, q := range all {
		top := headHeight + row*cellHeight
		write(marginLeft/2, top+pictureSize/2, rowName(row))
		for i, n := range q.list {
			write(marginLeft+(i+1)*cellWidth+cellWidth/2, top+pictureSize+11, caption(n))
		}
	}
	target := c.Image()
	for row, q := range all {
		for column, id := range append([]int64{q.id}, ids(q.list)...) {
			picture, ok := pictures.picture(id, pictureSize)
			if !ok {
				continue
			}
			x, y := marginLeft+column*cellWidth+(cellWidth-pictureSize)/2, headHeight+row*cellHeight
			draw.Draw(target, image.Rect(x, y, x+pictureSize, y+pictureSize), picture, image.Point{}, draw.Over)
		}
	}
	// Below the heading, and beside the queries, a line.
	grey := image.NewUniform(color.RGBA{200, 200, 200, 255})
	draw.Draw(target, image.Rect(marginLeft+cellWidth-1, 4, marginLeft+cellWidth, height-6), grey, image.Point{}, draw.Src)
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced(target, pictures.sheet))
	return out.Bytes(), err
}

func ids(list []neighbour) []int64 {
	var all []int64
	for _, n := range list {
		all = append(all, n.id)
	}
	return all
}

// rowName is A, B … Z, AA …
func rowName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return rowName(i/26-1) + rowName(i%26)
}

// caption is what stands under a picture: its cosine, and the label of the pair where there is one.
func caption(n neighbour) string {
	if math.IsNaN(n.label) {
		return fmt.Sprintf("%.2f", n.cosine)
	}
	return fmt.Sprintf("%.2f (label %.2f)", n.cosine, n.label)
}

// reduced brings a picture to the colours of the sheet it was cut from, which makes its file small; a sheet of full
// colours leaves it as it is.
func reduced(img image.Image, sheet image.Image) image.Image {
	from, ok := sheet.(*image.Paletted)
	if !ok {
		return img
	}
	palette := make(color.Palette, 0, 256)
	for _, grey := range []uint8{255, 40, 90, 140, 200} { // of the text and the lines
		palette = append(palette, color.RGBA{grey, grey, grey, 255})
	}
	palette = append(palette, from.Palette[:min(len(from.Palette), 256-len(palette))]...)
	out := image.NewPaletted(img.Bounds(), palette)
	known := map[color.RGBA]uint8{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
			at, ok := known[c]
			if !ok {
				at = uint8(palette.Index(c))
				known[c] = at
			}
			out.SetColorIndex(x, y, at)
		}
	}
	return out
}

// titleTable is the titles in the places of their pictures.
func titleTable(all []near) report.Table {
	t := report.Table{Header: []string{"", "query"}}
	for i := range neighbours {
		t.Header = append(t.Header, strconv.Itoa(i+1))
	}
	for row, q := range all {
		cells := []report.Cell{report.Words(rowName(row)), report.Words(q.title)}
		for _, n := range q.list {
			cells = append(cells, report.Words(n.title))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// sheetWords is the sheet in words, for those who cannot see it.
func sheetWords(model, part string, all []near) string {
	var rows []string
	for i, q := range all {
		var titles []string
		for _, n := range q.list {
			titles = append(titles, fmt.Sprintf("%s %.2f", n.title, n.cosine))
		}
		rows = append(rows, fmt.Sprintf("%s %s: %s", rowName(i), q.title, strings.Join(titles, ", ")))
	}
	return fmt.Sprintf("Nearest neighbours in the embeddings of %s on %s, with cosines. %s.", model, part, strings.Join(rows, "; "))
}

// writeGallery writes the sheet and its numbers.
func writeGallery(p place, name string, sheet []byte, all []near) error {
	rows := [][]string{{"query_id", "query_title", "rank", "id", "title", "cosine", "label"}}
	for _, q := range all {
		for i, n := range q.list {
			label := ""
			if !math.IsNaN(n.label) {
				label = strconv.FormatFloat(n.label, 'g', -1, 64)
			}
			rows = append(rows, []string{strconv.FormatInt(q.id, 10), inert(q.title), strconv.Itoa(i + 1), strconv.FormatInt(n.id, 10),
				inert(n.title), fmt.Sprintf("%.6f", n.cosine), label})
		}
	}
	return p.writeSheet(name, sheet, rows)
}

// writeSheet writes a sheet of pictures into the figures folder, with its numbers beside it.
func (p place) writeSheet(name string, sheet []byte, rows [][]string) error {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("gallery: %q is no name of a figure", name)
	}
	if err := os.MkdirAll(p.figures, 0o777); err != nil {
		return err
	}
	err := run.Atomic(filepath.Join(p.figures, name+".csv"), func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) })
	if err != nil {
		return err
	}
	return run.Atomic(filepath.Join(p.figures, name+".png"), func(w io.Writer) error {
		_, err := w.Write(sheet)
		return err
	})
}

// inert takes from a title what a terminal or a spreadsheet would act on.
func inert(title string) string {
	title = clean(title)
	if title != "" && strings.ContainsRune("=+-@", rune(title[0])) {
		return "'" + title
	}
	return title
}
