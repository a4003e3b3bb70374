// SPDX-License-Identifier: Apache-2.0

package results

// LabelLevel is one value that labels have.
type LabelLevel struct {
	Label      float64 `json:"label"`
	Pairs      int     `json:"pairs"`
	Normalized float64 `json:"rank_normalised"` // E5
}

// SplitSize is what a rule of splitting pairs makes of the labelled pairs.
type SplitSize struct {
	Split        string `json:"split"`
	Train        int    `json:"train_pairs"`
	Val          int    `json:"val_pairs"`
	Dropped      int    `json:"dropped_pairs"`
	LeakedVideos int    `json:"leaked_videos"`
	LeakedPairs  int    `json:"leaked_pairs"`
	Note         string `json:"note"` // why the rule gives no split
}

// Leak is a model's score on its own held-out pairs, and on clips that it never saw.
type Leak struct {
	Model   string  `json:"model"`
	Split   string  `json:"split"`
	Train   int     `json:"train_pairs"`
	Leaked  int     `json:"leaked_pairs"`
	Val     int     `json:"val_pairs"`
	HeldOut float64 `json:"spearman_held_out"`
	Test    float64 `json:"spearman_test_a"`
	MSE     float64 `json:"mse_test_a"`
}

// Dispute compares what a model makes of titles alone and of frames alone.
type Dispute struct {
	Both        float64        `json:"spearman"`
	Title       float64        `json:"spearman_title"`
	Frames      float64        `json:"spearman_frames"`
	Pairs       int            `json:"pairs"`
	TitleAlike  Side           `json:"title_alike"`  // pairs that the titles rank above the frames by half of all ranks or more
	FramesAlike Side           `json:"frames_alike"` // the reverse
	Shown       []DisputedPair `json:"shown"`
}

// Side is the pairs of one side of a dispute.
type Side struct {
	Pairs     int     `json:"pairs"`
	MeanLabel float64 `json:"mean_label"`
}

// DisputedPair is a pair on which title and frames disagree.
type DisputedPair struct {
	Pair   string   `json:"pair"`
	First  string   `json:"first"`
	Second string   `json:"second"`
	Label  float64  `json:"label"`
	Both   float64  `json:"cosine"`        // of the whole clips
	Title  float64  `json:"cosine_title"`  // of the same clips without their frames
	Frames float64  `json:"cosine_frames"` // of the same clips without their titles
	IDs    [2]int64 `json:"-"`             // of the two videos

	English [2]string `json:"-"` // of the two videos, "" where the corpus has no name
}
