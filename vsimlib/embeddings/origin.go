// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/safetensors"
)

// Origin is all that decides what an embeddings file holds, by name: fingerprints of its inputs, and settings. It is in the file's
// metadata, under these names after "vsim.". The same origin gives the same file, so a file that has it was done before.
type Origin map[string]string

// Names of an origin.
const (
	OfModel   = "model"   // fingerprint of the model directory
	OfRecords = "records" // fingerprint of the record files
	OfBatch   = "batch"   // videos that were computed at a time
	// OfDType is the type of the products, float32 or bfloat16. Older versions did not write it.
	OfDType = "dtype"
	// OfArithmetic is the number of what the model computes (package arithmetic). Older versions did not write it.
	OfArithmetic = "arithmetic"
	OfShard      = "shard"   // "2/7"; a file of all records has none
	OfSets       = "sets"    // fingerprint of the embeddings that an ensemble joins, in their order
	OfWeights    = "weights" // of the sets
	OfDim        = "dim"     // of the ensemble, as asked for
)

var originNames = []string{OfModel, OfRecords, OfShard, OfBatch, OfDType, OfArithmetic, OfSets, OfWeights, OfDim}

const metaPrefix = "vsim."

// OriginOf is the origin of a whole embedding with the number of what the model computes.
func OriginOf(j Job, arithmetic string) Origin {
	o := Origin{OfModel: j.Model, OfRecords: j.Records, OfBatch: strconv.Itoa(j.Batch)}
	if j.DType != "" {
		o[OfDType] = j.DType
	}
	if arithmetic != "" {
		o[OfArithmetic] = arithmetic
	}
	return o
}

// Origin of the shard.
func (s *Shard) Origin() Origin {
	o := OriginOf(s.Job, s.By.Arithmetic)
	o[OfShard] = s.Name()
	return o
}

// MergedOrigin is that of the whole embedding that the shards are of; all must be there. See Merge for mix.
func MergedOrigin(mix bool, paths ...string) (Origin, error) {
	h, err := fitting(mix, paths)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	return OriginOf(h.Job, h.by.Arithmetic), nil
}

// EnsembleOrigin is that of an ensemble of sets with weights (none: equal) and a dimension.
func EnsembleOrigin(sets []*Set, weights []float64, dim int) Origin {
	h := sha256.New()
	for _, s := range sets {
		fmt.Fprintln(h, s.fingerprint())
	}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	text := "equal"
	if slices.ContainsFunc(weights, func(w float64) bool { return w != weights[0] }) {
		text = ""
		for _, w := range weights {
			text += strconv.FormatFloat(w/sum, 'g', -1, 64) + " "
		}
	}
	return Origin{OfSets: hex.EncodeToString(h.Sum(nil)), OfWeights: text, OfDim: strconv.Itoa(dim)}
}

// fingerprint identifies ids and values.
func (s *Set) fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, len(s.IDs), s.Dim)
	_ = binary.Write(h, binary.LittleEndian, s.IDs) // into a hash, which takes all
	_ = s.writeValues(h)
	return hex.EncodeToString(h.Sum(nil))
}

// writeValues writes the values of all rows, in little-endian.
func (s *Set) writeValues(w io.Writer) error {
	buffer := make([]byte, 0, 4*s.Dim)
	for row := range s.IDs {
		buffer = buffer[:0]
		for _, v := range s.Row(row) {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}

// metadata has the origin and other entries.
func (o Origin) metadata(others map[string]string) map[string]string {
	all := maps.Clone(others)
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range o {
		all[metaPrefix+name] = value
	}
	return all
}

// Before is a file that was made before.
type Before struct {
	*Set
	Notes map[string]string // as given to WriteFrom
}

// ErrDiffers is the error of DoneBefore for a file that must be made anew; the error says why.
var ErrDiffers = errors.New("exists")

// DoneBefore reads the file at path if it is whole and has the origin; else the error is ErrDiffers, with the reason. It is
// fs.ErrNotExist where there is no file.
func DoneBefore(path string, o Origin) (*Before, error) {
	f, err := safetensors.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w; it %w", err, ErrDiffers)
	}
	defer f.Close()
	metadata := f.Metadata()
	if why := o.differs(metadata); why != "" {
		return nil, fmt.Errorf("%s: %s and %w", path, why, ErrDiffers)
	}
	b := &Before{Notes: map[string]string{}}
	if b.Set, err = readAll(f); err != nil {
		return nil, fmt.Errorf("%w; it %w", err, ErrDiffers)
	}
	for key, value := range metadata {
		if name, ok := strings.CutPrefix(key, metaPrefix); ok && !slices.Contains(originNames, name) {
			b.Notes[name] = value
		}
	}
	return b, nil
}

// differs names the first difference of a file with that metadata from the origin, "" where there is none.
func (o Origin) differs(metadata map[string]string) string {
	known := false
	for _, name := range originNames {
		_, has := metadata[metaPrefix+name]
		known = known || has
	}
	if !known {
		return "does not say what it was made from"
	}
	for _, name := range originNames {
		was, is := metadata[metaPrefix+name], o[name]
		switch {
		case was == is:
		case name == OfDType && was == "": // an older version's; the number of the arithmetic covers it
		case was == "" || is == "":
			return "is another kind of embeddings file (" + whatIs(metadata) + ")"
		case len(is) == 2*sha256.Size:
			return "was made from " + map[string]string{OfModel: "another model", OfRecords: "other records",
				OfSets: "other embeddings"}[name]
		default:
			return fmt.Sprintf("was made with %s %s, not %s,", name, was, is)
		}
	}
	return ""
}

// whatIs names the kind of a file by its metadata.
func whatIs(metadata map[string]string) string {
	switch {
	case metadata[metaPrefix+OfSets] != "":
		return "an ensemble"
	case metadata[metaPrefix+OfShard] != "":
		return "shard " + metadata[metaPrefix+OfShard]
	}
	return "a model's, of all records"
}

// WriteFrom is Write with the origin and notes in the metadata.
func (s *Set) WriteFrom(path string, o Origin, notes map[string]string) error {
	prefixed := map[string]string{}
	for name, value := range notes {
		prefixed[metaPrefix+name] = value
	}
	return s.write(path, func(w io.Writer) error { return safetensors.WriteSummed(w, s.tensors(), o.metadata(prefixed)) })
}
