// SPDX-License-Identifier: Apache-2.0

package results

// Attention is where the positions of one video attend in every layer.
type Attention struct {
	Title  string        `json:"title"`
	Labels []string      `json:"labels"` // of the positions that are no padding, in their order
	Layers [][][]float64 `json:"layers"` // [layers][from][to], the mean over the heads; rows sum to 1
	Blocks []Block       `json:"blocks"` // one a layer
}

// Block is how much of a layer's attention goes from one modality to another, as a mean over the positions that it comes from.
// Title is all tokens, special ones with them.
type Block struct {
	Layer        int     `json:"layer"`
	TitleToTitle float64 `json:"title_to_title"`
	TitleToFrame float64 `json:"title_to_frames"`
	FrameToTitle float64 `json:"frames_to_title"`
	FrameToFrame float64 `json:"frames_to_frames"`
	AllToFrames  float64 `json:"all_to_frames"`       // share of the whole attention
	TitleEven    float64 `json:"title_share_if_even"` // what goes to the title if every position gets the same
}

// PartSize is how many numbers a part of the model learns, here and in the paper's model.
type PartSize struct {
	Part       string  `json:"part"`
	Parameters int     `json:"parameters"`
	Share      float64 `json:"share"`
	Paper      int     `json:"parameters_paper"`
	PaperShare float64 `json:"share_paper"`
}

// TaskLoss is one task's loss in a pretraining, with losses that need no training to compare it with.
type TaskLoss struct {
	Task      string  `json:"task"`
	Weight    float64 `json:"weight"`
	First     float64 `json:"first_step"`
	Expected  float64 `json:"expected_of_fresh_weights"`
	End       float64 `json:"last_epoch"`
	Val       float64 `json:"validation"`
	Frequency float64 `json:"knowing_frequencies"` // the loss of predicting each class by its frequency
	ShareLoss float64 `json:"share_of_the_loss"`   // of the weighted sum at the end
}

// Embedded describes the embeddings that were made with one model.
type Embedded struct {
	Model      string  `json:"model"`
	Part       string  `json:"part"`
	Videos     int     `json:"videos"`
	Dim        int     `json:"dim"`
	VideosPerS float64 `json:"videos_per_s"` // reading and compiling included
}
