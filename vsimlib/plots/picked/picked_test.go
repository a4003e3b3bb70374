// SPDX-License-Identifier: Apache-2.0

package picked

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// two are two hidden frames of two clips, of which the second is not found.
func two() results.Picked {
	return results.Picked{Titles: []string{"a", "b"}, Candidates: []results.FrameOf{{}, {Frame: 1}, {Clip: 1}, {Clip: 1, Frame: 1}},
		Hidden: []results.HiddenFrame{
			{FrameOf: results.FrameOf{Frame: 1}, True: 1, Picked: 1, Rank: 1, Probabilities: []float64{0, 0.75, 0.25, 0}},
			{FrameOf: results.FrameOf{Clip: 1}, True: 2, Picked: 1, Rank: 3, Probabilities: []float64{0.25, 0.5, 0.25, 0}}},
		Summary: results.PickedSummary{Clips: 2, Candidates: 4, Hidden: 2, Right: 1, SameClip: 1, MedianRank: 2, Loss: 0.75,
			Guess: 1.386}}
}

func TestFigure(t *testing.T) {
	dir := t.TempDir()
	data, alt, err := Figure(two()).Write(dir, "picked")
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(data)); err != nil || img.Bounds().Dx() < 1000 {
		t.Errorf("the picture: %v", err)
	}
	if !strings.HasPrefix(alt, "Which of the 4 frames of 2 clips the model picks for each of the 2 that were hidden from it. 1 picks") ||
		!strings.Contains(alt, "The loss is 0.7500, of a random guess 1.386.") {
		t.Errorf("alt %q", alt)
	}
	numbers, err := os.ReadFile(filepath.Join(dir, "picked.csv"))
	if err != nil || strings.Count(string(numbers), "\n") != 9 || !strings.Contains(string(numbers), "\n2,1,3,1,2,0.5\n") {
		t.Errorf("the numbers %s, %v", numbers, err)
	}
	svg, err := os.ReadFile(filepath.Join(dir, "picked.svg"))
	if err != nil || !strings.Contains(string(svg), ">clip 2, frame 1: 3</text>") {
		t.Errorf("no name of a row, %v", err)
	}
	p := two()
	if cellColor(p, 0, 0, 0.75) != ownClip || cellColor(p, 0, 3, 0.75) != figure.Blues(0, 0, 1) ||
		cellColor(p, 0, 1, 0.75) != figure.Blues(1, 0, 1) {
		t.Error("colours of an improbable frame of the clip, of one of another clip, of the most probable one")
	}
	for _, spoil := range []func(*results.Picked){
		func(p *results.Picked) { p.Hidden = nil },
		func(p *results.Picked) { p.Hidden[1].True = 4 },
		func(p *results.Picked) { p.Hidden[0].Picked = -1 },
		func(p *results.Picked) { p.Hidden[1].Probabilities = []float64{1} },
	} {
		p := two()
		spoil(&p)
		if _, _, err := Figure(p).Write(dir, "spoilt"); err == nil {
			t.Errorf("%+v is drawn", p)
		}
	}
}
