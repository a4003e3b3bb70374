// SPDX-License-Identifier: Apache-2.0

package results

// CorpusPart is the size of one part of a corpus.
type CorpusPart struct {
	Part       string  `json:"part"`
	Records    int     `json:"records"`
	Frames     int     `json:"frames"`
	FramesMax  int     `json:"frames_max"`
	TitleChars float64 `json:"title_chars_mean"`
	Tags       int     `json:"tags"`
	Pairs      int     `json:"pairs"`
	PairVideos int     `json:"videos_in_pairs"`
}

// Video is one video and the input that the model gets of it, as text.
type Video struct {
	ID     int64  `json:"id"`
	Title  string `json:"title"`
	Name   string `json:"in English,omitempty"`
	Words  string `json:"word pieces"`
	Frames string `json:"frame_feature"`
	First  string `json:"first frame begins"`
	Tags   string `json:"tag_id"`
}
