// SPDX-License-Identifier: Apache-2.0

package results

// Record is one video on its way from the bytes of a file to a row of a batch.
type Record struct {
	ID        int64       `json:"id"`
	Title     string      `json:"title"`
	Framing   Framing     `json:"framing"`
	Features  []Feature   `json:"features"`
	Tags      []Tag       `json:"tags"`
	Listed    int         `json:"tags_listed"` // of Tags, how many are in the tag list
	Positions []Position  `json:"places"`
	Real      int         `json:"places_real"` // of Positions, how many are no padding
	Arrays    []Array     `json:"arrays"`
	Frames    [][]float32 `json:"frames"`            // [F][frame_dim]
	Cosines   [][]float64 `json:"cosines"`           // [F][F]
	Nearest   float64     `json:"cosine_neighbours"` // mean cosine of a frame and the next one
	Others    float64     `json:"cosine_others"`     // mean cosine of all other pairs of frames
}

// Framing is where the record is in its file, and how many single flipped bits its checksums detect.
type Framing struct {
	File           string `json:"file"`
	Record         int    `json:"record"` // from 0
	Offset         int64  `json:"offset"`
	Header         string `json:"header"`          // length, 8 bytes, and its checksum, 4, in hexadecimal
	DataBytes      int    `json:"data_bytes"`      // the number that the length says
	DataChecksum   string `json:"data_checksum"`   // 4 bytes behind the data
	FlippedBits    int    `json:"flipped_bits"`    // every bit of header, data and checksum, one at a time
	FlippedNoticed int    `json:"flipped_noticed"` // of these
}

// Feature is one entry of the record's tf.train.Example.
type Feature struct {
	Name   string `json:"feature"`
	Kind   string `json:"kind"`
	Values int    `json:"values"`
	Bytes  int    `json:"bytes"`
	Begins string `json:"begins"`
}

// Tag is a tag of the video and its class, the index in the tag list, or -1.
type Tag struct {
	ID    int64 `json:"tag_id"`
	Class int64 `json:"class"`
}

// Position is one position of the model's sequence.
type Position struct {
	Index      int    `json:"place"`
	Holds      string `json:"holds"`    // a token's spelling, or which frame
	Token      string `json:"input_id"` // "" for a frame
	PositionID int    `json:"position_id"`
	Mask       int    `json:"attention_mask"`
}

// Array is one array of a batch.
type Array struct {
	Name  string `json:"array"`
	Shape string `json:"shape"`
	Type  string `json:"type"`
	Bytes int    `json:"bytes"`
	Holds string `json:"holds"`
}
