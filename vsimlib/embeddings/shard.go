// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/safetensors"
)

// placesName is the tensor that an embeddings file of a shard has with the two: int64 [rows].
const placesName = "places"

// Names of a shard's metadata: of its origin, and two notes.
const (
	metaShard   = metaPrefix + OfShard
	metaBatch   = metaPrefix + OfBatch
	metaDType   = metaPrefix + OfDType
	metaModel   = metaPrefix + OfModel
	metaRecords = metaPrefix + OfRecords
	metaVideos  = metaPrefix + "videos"
	metaBy      = metaPrefix + "provenance"
)

// Job is what all shards of one embedding have in common.
type Job struct {
	Of             int    // shards
	Videos         int    // of all shards
	Batch          int    // videos that were computed at a time
	DType          string // of the products; "" where an older version wrote the file
	Model, Records string // fingerprints
}

// Shard is a part of the embeddings of a set of records. Its file is an embeddings file of its own rows.
type Shard struct {
	Set
	Places []int64 // of the rows among all records, ascending
	Index  int     // from 1
	Job
	By provenance.Process // that computed it; its times are not written
}

// Name is "2/7" for the second of seven shards.
func (s *Shard) Name() string { return shardName(s.Index, s.Of) }

func shardName(index, of int) string { return fmt.Sprintf("%d/%d", index, of) }

// ParseShard reads "2/7".
func ParseShard(text string) (index, of int, err error) {
	a, b, _ := strings.Cut(text, "/")
	index, errA := strconv.Atoi(a)
	of, errB := strconv.Atoi(b)
	if errA != nil || errB != nil || index < 1 || index > of {
		return 0, 0, fmt.Errorf("%q is not i/n with 1 <= i <= n", text)
	}
	return index, of, nil
}

// Write writes a shard's file, which is never seen half written; an existing one is replaced.
func (s *Shard) Write(path string) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("embeddings: %s: %w", path, err)
	}
	tensors := append(s.tensors(), safetensors.FromInt64(placesName, []int{len(s.Places)}, s.Places))
	notes := map[string]string{metaVideos: strconv.Itoa(s.Videos)}
	if s.By.Backend != "" {
		by := s.By
		by.Start, by.Seconds = "", 0
		text, err := json.Marshal(by)
		if err != nil {
			return fmt.Errorf("embeddings: %w", err)
		}
		notes[metaBy] = string(text)
	}
	metadata := s.Origin().metadata(notes)
	if err := atomicfile.Write(path, func(w io.Writer) error { return safetensors.WriteSummed(w, tensors, metadata) }); err != nil {
		return fmt.Errorf("embeddings: %w", err)
	}
	return nil
}

// check holds the parts of a shard against each other.
func (s *Shard) check() error {
	if err := s.Set.check(); err != nil {
		return err
	}
	if len(s.Places) != len(s.IDs) {
		return fmt.Errorf("%d places for %d ids", len(s.Places), len(s.IDs))
	}
	last := int64(-1)
	for row, place := range s.Places {
		if place <= last || place >= int64(s.Videos) {
			return fmt.Errorf("row %d: place %d is not between the last one's and the number of videos, %d", row, place, s.Videos)
		}
		last = place
	}
	return nil
}

// ShardOf is the name of the shard, such as 2/7, that the embeddings file at path is; "" where it is none, or cannot be read.
func ShardOf(path string) string {
	f, err := open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h, err := readHeader(f)
	if err != nil || h.Of == 1 {
		return ""
	}
	return f.Metadata()[metaShard]
}

// ReadShard reads the file of a shard.
func ReadShard(path string) (*Shard, error) {
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	defer f.Close()
	s, err := readShard(f)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %s: %w", path, err)
	}
	if err := f.Verify(); err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	return s, nil
}

func readShard(f *safetensors.File) (*Shard, error) {
	h, err := readHeader(f)
	if err != nil {
		return nil, err
	}
	var places safetensors.Tensor
	set, err := read(f, func() (err error) {
		places, err = f.Read(placesName)
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &Shard{Set: *set, Index: h.index, Job: h.Job, By: h.by}
	if s.Places, err = safetensors.Int64s(places); err != nil {
		return nil, err
	}
	return s, s.check()
}

// header is what a shard's file says of itself; no row is read for it.
type header struct {
	Job
	index     int
	rows, dim int
	by        provenance.Process // nothing where an older version wrote the file
}

// readHeader reads a header and looks at the shapes of the tensors.
func readHeader(f *safetensors.File) (h header, err error) {
	metadata := f.Metadata()
	name, ok := metadata[metaShard]
	if !ok {
		return h, errors.New("is no shard of an embedding (vsim embed --shard writes them)")
	}
	if h.index, h.Of, err = ParseShard(name); err != nil {
		return h, fmt.Errorf("%s: %w", metaShard, err)
	}
	for key, to := range map[string]*int{metaVideos: &h.Videos, metaBatch: &h.Batch} {
		if *to, err = strconv.Atoi(metadata[key]); err != nil || *to < 0 {
			return h, fmt.Errorf("%s: %q is no number of videos", key, metadata[key])
		}
	}
	h.Model, h.Records, h.DType = metadata[metaModel], metadata[metaRecords], metadata[metaDType]
	if text := metadata[metaBy]; text != "" {
		if err := json.Unmarshal([]byte(text), &h.by); err != nil {
			return h, fmt.Errorf("%s: %w", metaBy, err)
		}
	}
	shape, err := expect(f, rowsName, safetensors.Float32, 2)
	if err != nil {
		return h, err
	}
	h.rows, h.dim = shape[0], shape[1]
	_, err = expect(f, placesName, safetensors.Int64, 1)
	return h, err
}
