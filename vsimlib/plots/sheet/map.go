// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Sizes of a map, in pixels.
const (
	mapWidth   = 880
	mapHeight  = 720
	mapPicture = 34
	mapDot     = 5
)

// Map draws videos at their points, in one scale along both axes: thumbnails where none overlaps another one, the videos of points
// farthest from the middle first, and dots for the rest. shares of the variance, model and part are named in the description.
func Map(points []results.MapPoint, shares [2]float64, model, part, corpusDir string) Sheet {
	s := Sheet{corpus: corpusDir, width: mapWidth, height: mapHeight, font: 12, alt: mapWords(points, shares, model, part),
		rows: [][]string{{"id", "title", "english", "x", "y"}}}
	for _, p := range points {
		s.rows = append(s.rows, []string{strconv.FormatInt(p.ID, 10), p.Title, p.English, figure.Number(p.X), figure.Number(p.Y)})
	}
	if len(points) > 0 {
		s.layout = func(c *canvas) { drawMap(c, points, spread(points), shares) }
	}
	return s
}

// spread are the points, of which there is at least one, in pixels, inside the sheet.
func spread(points []results.MapPoint) []image.Point {
	left, right, low, high := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range points {
		left, right, low, high = min(left, p.X), max(right, p.X), min(low, p.Y), max(high, p.Y)
	}
	const margin = sheetMargin + mapPicture/2
	scale := math.Inf(1)
	for _, side := range [][2]float64{{mapWidth - 2*margin, right - left}, {mapHeight - 2*margin, high - low}} {
		if side[1] > 0 {
			scale = min(scale, side[0]/side[1])
		}
	}
	if math.IsInf(scale, 0) {
		scale = 1 // one point
	}
	var list []image.Point
	for _, p := range points {
		list = append(list, image.Pt(mapWidth/2+int(math.Round((p.X-(left+right)/2)*scale)),
			mapHeight/2-int(math.Round((p.Y-(low+high)/2)*scale))))
	}
	return list
}

func drawMap(c *canvas, points []results.MapPoint, at []image.Point, shares [2]float64) {
	c.write(mapWidth/2, mapHeight-sheetMargin/2, fmt.Sprintf("first component: %.0f%% of the variance; upwards the second: %.0f%%",
		100*shares[0], 100*shares[1]))
	shown := pictured(at)
	for i, p := range at {
		if !shown[i] {
			c.dot(p.X, p.Y, mapDot)
		}
	}
	for i, p := range at {
		if shown[i] {
			c.picture(p.X-mapPicture/2, p.Y-mapPicture/2, mapPicture, points[i].ID)
		}
	}
}

// pictured reports for each point whether its thumbnail is drawn: those farthest from the middle first, and none over another one.
func pictured(at []image.Point) []bool {
	shown := make([]bool, len(at))
	var drawn []image.Rectangle
	for _, i := range outermost(at) {
		r := image.Rect(0, 0, mapPicture, mapPicture).Add(at[i].Sub(image.Pt(mapPicture/2, mapPicture/2)))
		free := true
		for _, other := range drawn {
			free = free && !r.Overlaps(other)
		}
		if free {
			shown[i], drawn = true, append(drawn, r)
		}
	}
	return shown
}

// mapWords describes a map for those who cannot see it, by the videos at its ends.
func mapWords(points []results.MapPoint, shares [2]float64, model, part string) string {
	x := func(p results.MapPoint) float64 { return p.X }
	y := func(p results.MapPoint) float64 { return p.Y }
	return fmt.Sprintf("Map of the %s of %s by the first two principal components of the embeddings of %s. They hold %.0f%% and "+
		"%.0f%% of the variance. Farthest to the left: %s; to the right: %s; at the bottom: %s; at the top: %s. "+
		"A dot is a clip of which the thumbnail would cover others.", text.Count(len(points), "clip"), part, model,
		100*shares[0], 100*shares[1], extreme(points, x, 1), extreme(points, x, -1), extreme(points, y, 1), extreme(points, y, -1))
}

// extreme are the titles of the three videos with the least value, or with sign -1 the largest.
func extreme(points []results.MapPoint, value func(results.MapPoint) float64, sign int) string {
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(a, b results.MapPoint) int { return sign * cmp.Compare(value(a), value(b)) })
	var titles []string
	for _, p := range sorted[:min(3, len(sorted))] {
		titles = append(titles, gloss.Beside(p.Title, p.English))
	}
	return strings.Join(titles, ", ")
}

// outermost are the indices of points, those farthest from the middle of the sheet first.
func outermost(at []image.Point) []int {
	far := func(i int) int {
		d := at[i].Sub(image.Pt(mapWidth/2, mapHeight/2))
		return d.X*d.X + d.Y*d.Y
	}
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(far(b), far(a)) })
	return order
}
