// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"strconv"
	"strings"

	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// Sizes of a gallery, in pixels.
const (
	galleryPicture = 88
	galleryWidth   = 116 // of a cell
	galleryHeight  = 142
)

// Gallery draws a row per query: the video, then its neighbours with cosine and label under them, all with their English names.
// model and part are named in the description.
func Gallery(list []results.Query, model, part string, corpusDir string) Sheet {
	columns := 0
	for _, q := range list {
		columns = max(columns, len(q.Neighbours))
	}
	return Sheet{
		corpus: corpusDir, layout: func(c *canvas) { drawGallery(c, list, columns) }, font: 12,
		width: sheetMargin + (columns+1)*galleryWidth, height: sheetHead + len(list)*galleryHeight,
		alt: galleryWords(list, model, part), rows: galleryRows(list),
	}
}

func drawGallery(c *canvas, list []results.Query, columns int) {
	column := func(i int) int { return sheetMargin + i*galleryWidth }
	row := func(i int) int { return sheetHead + i*galleryHeight }
	c.write(column(0)+galleryWidth/2, sheetHead/2, "query")
	for i := range columns {
		c.write(column(i+1)+galleryWidth/2, sheetHead/2, strconv.Itoa(i+1))
	}
	for r, q := range list {
		c.write(sheetMargin/2, row(r)+galleryPicture/2, RowName(r))
		c.name(column(0)+galleryWidth/2, row(r)+galleryPicture+11, q.English)
		for i, n := range q.Neighbours {
			c.write(column(i+1)+galleryWidth/2, row(r)+galleryPicture+11, neighbourCaption(n))
			c.name(column(i+1)+galleryWidth/2, row(r)+galleryPicture+26, n.English)
		}
	}
	for r, q := range list {
		left := (galleryWidth - galleryPicture) / 2
		c.picture(column(0)+left, row(r), galleryPicture, q.ID)
		for i, n := range q.Neighbours {
			c.picture(column(i+1)+left, row(r), galleryPicture, n.ID)
		}
	}
	c.line(column(1)-1, 4, c.height-6) // between the queries and their neighbours
}

// name writes a video's English name around a point, in one or two lines.
func (c *canvas) name(x, y int, english string) {
	for i, line := range c.wrap(english, galleryWidth-4, 2) {
		c.write(x, y+13*i, line)
	}
}

// RowName is the name of a gallery's row, from 0: A, B … Z, AA …
func RowName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return RowName(i/26-1) + RowName(i%26)
}

// neighbourCaption is the cosine, and the label of the pair if it has one.
func neighbourCaption(n results.Neighbour) string {
	if n.Label == nil {
		return fmt.Sprintf("%.2f", n.Cosine)
	}
	return fmt.Sprintf("%.2f (label %.2f)", n.Cosine, *n.Label)
}

// galleryWords describes a gallery for those who cannot see it.
func galleryWords(list []results.Query, model, part string) string {
	var rows []string
	for i, q := range list {
		var titles []string
		for _, n := range q.Neighbours {
			titles = append(titles, fmt.Sprintf("%s %.2f", gloss.Beside(n.Title, n.English), n.Cosine))
		}
		rows = append(rows, fmt.Sprintf("%s %s: %s", RowName(i), gloss.Beside(q.Title, q.English), strings.Join(titles, ", ")))
	}
	return fmt.Sprintf("Nearest neighbours in the embeddings of %s on %s, with cosines. %s.", model, part, strings.Join(rows, "; "))
}

func galleryRows(list []results.Query) [][]string {
	rows := [][]string{{"query_id", "query_title", "rank", "id", "title", "cosine", "label", "query_english", "english"}}
	for _, q := range list {
		for i, n := range q.Neighbours {
			label := ""
			if n.Label != nil {
				label = figure.Number(*n.Label)
			}
			rows = append(rows, []string{strconv.FormatInt(q.ID, 10), q.Title, strconv.Itoa(i + 1), strconv.FormatInt(n.ID, 10),
				n.Title, fmt.Sprintf("%.6f", n.Cosine), label, q.English, n.English})
		}
	}
	return rows
}
