// SPDX-License-Identifier: Apache-2.0

package results

// Kinds of a position in a minibatch, as Minibatch.Positions has them.
const (
	Padding = iota
	SpecialToken
	Word
	WordMasked   // replaced by [MASK]
	WordReplaced // replaced by another word
	WordKept     // chosen, and unchanged
	Frame
	FrameZeroed
	NumKinds
)

// KindNames are the kinds in words.
var KindNames = [NumKinds]string{"padding", "special token", "word", "word: [MASK]", "word: replaced",
	"word: kept, yet predicted", "frame", "frame: zeroed"}

// Minibatch is the batch of one pretraining step.
type Minibatch struct {
	Titles    []string  `json:"titles"`
	Arrays    []Array   `json:"arrays"`
	Kinds     []string  `json:"kinds"`   // KindNames, when the file was written
	Positions [][]int   `json:"places"`  // [B][S]: the kind of each position, in the model's layout
	Segment   [][]int32 `json:"segment"` // [R][L]: the video of each position of the packed rows, -1 for a filler; or none
	Work      []Work    `json:"work"`
	Count     Count     `json:"count"`
}

// Work is how many positions, and pairs of positions that attention compares, one way of laying out a batch takes.
type Work struct {
	Layout    string `json:"layout"`
	Rows      int    `json:"rows"`
	Length    int    `json:"length,omitempty"` // of a row; 0 where rows differ
	Positions int    `json:"positions"`
	Pairs     int    `json:"attention_pairs"`
}

// Count sums up a batch for a sentence.
type Count struct {
	Videos    int     `json:"videos"`
	Padding   float64 `json:"padding_share"` // of the padded positions
	Words     int     `json:"words"`         // that could be chosen
	Chosen    int     `json:"words_chosen"`
	Without   int     `json:"videos_without_chosen"` // how many have no word to predict
	Frames    int     `json:"frames"`
	Zeroed    int     `json:"frames_zeroed"`
	Saved     float64 `json:"positions_saved"` // share of the padded positions that packing spares
	PairsLess float64 `json:"pairs_saved"`     // of the padded pairs; below 0 where packing costs some
}

// MaskShare is how often pretraining hid something, and how often it should.
type MaskShare struct {
	What     string  `json:"what"`
	Of       int     `json:"of"`
	Drawn    int     `json:"drawn"`
	Share    float64 `json:"share"`
	Expected float64 `json:"expected"`
	Sigmas   float64 `json:"deviation_sigmas"` // (Share − Expected) in standard deviations of a binomial
}
