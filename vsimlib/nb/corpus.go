// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/plots"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Corpus reads and checks every record of the corpus and counts what its parts have.
func Corpus() ([]results.CorpusPart, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	return inspect.CorpusParts(w.Corpus)
}

// Record shows one video of a part, found by its title: its thumbnail, and the input that the model gets of it.
func Record(part, title string) (View, error) {
	w, s, err := presetSource()
	if err != nil {
		return nil, err
	}
	video, err := s.Video(part, title)
	if err != nil {
		return nil, err
	}
	var view View
	if thumbs, err := plots.OpenThumbs(w.Corpus); err == nil { // a corpus need not have any
		if png, ok := thumbs.PNG(video.ID); ok {
			view = append(view, picture{png, "The clip's picture: " + video.Title + ".", "thumbnail"})
		}
	}
	table, err := Table(video)
	return append(view, table...), err
}
