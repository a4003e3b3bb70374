// SPDX-License-Identifier: Apache-2.0

package results

// Filled is a title of which each token was hidden in turn, and what a model predicts there.
type Filled struct {
	Title   string        `json:"title"`
	English string        `json:"english,omitempty"`
	Part    string        `json:"part"`
	Tokens  []FilledToken `json:"tokens"`
}

// FilledToken is one hidden token of a title.
type FilledToken struct {
	Shown       string  `json:"shown"` // the title as the model saw it, with [MASK]
	Token       string  `json:"token"` // the true one
	Probability float64 `json:"probability"`
	Rank        int     `json:"rank"`    // of the true token in the vocabulary, the most probable one first
	Guesses     []Guess `json:"guesses"` // the most probable first
}

// Guess is one answer of a model.
type Guess struct {
	What        string  `json:"what"`
	Probability float64 `json:"probability"`
}

// Picked is which frames a model picks for the hidden ones of a batch, among all frames of it.
type Picked struct {
	Part       string        `json:"part"`
	Titles     []string      `json:"titles"`     // of the clips of the batch
	Candidates []FrameOf     `json:"candidates"` // all frames of the batch
	Hidden     []HiddenFrame `json:"hidden"`
	Summary    PickedSummary `json:"summary"`
}

// FrameOf is a frame of a batch.
type FrameOf struct {
	Clip  int `json:"clip"`  // an index of Picked.Titles
	Frame int `json:"frame"` // in its clip, from 0
}

// HiddenFrame is one hidden frame and what a model makes of it.
type HiddenFrame struct {
	FrameOf
	True          int       `json:"candidate"` // its index among the candidates
	Picked        int       `json:"picked"`    // that of the candidate with the highest score
	Rank          int       `json:"rank"`      // of the true frame, 1 where it is picked
	Probability   float64   `json:"probability"`
	Probabilities []float64 `json:"probabilities"` // of each candidate, to a millionth; they sum to 1
}

// PickedSummary counts what was picked, and compares the loss (E3) with that of a random guess.
type PickedSummary struct {
	Clips       int     `json:"clips"`
	Candidates  int     `json:"candidates"`
	Hidden      int     `json:"hidden"`
	Right       int     `json:"picked_right"`
	SameClip    int     `json:"picked_in_the_clip"` // the right ones included
	MedianRank  float64 `json:"median_rank"`
	Loss        float64 `json:"loss"`              // the mean of −ln of the true frames' probabilities
	Guess       float64 `json:"loss_of_a_guess"`   // ln of the number of candidates
	Information float64 `json:"information_bound"` // Guess − Loss, in nats
}

// TagGuess is what a model says of one tag of a clip.
type TagGuess struct {
	Rank        int     `json:"rank"` // by probability
	Tag         string  `json:"tag"`
	Probability float64 `json:"probability"`
	Frequency   float64 `json:"frequency"`   // share of the videos of pretraining that have it
	True        bool    `json:"of_the_clip"` // the clip has it
}

// MapPoint is a video on a map of embeddings.
type MapPoint struct {
	ID      int64
	Title   string
	English string // "" where the corpus has no name
	X, Y    float64
}
