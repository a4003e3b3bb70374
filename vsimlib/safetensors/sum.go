// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strings"
	"sync"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/text"
)

// Names of the checksums in the metadata of a file that WriteSummed wrote; other readers pass them over. That of the data is
// sha256 in hexadecimal of all bytes behind the header. That of the header is of its JSON, with zeros for its own digits. A file
// has both or none, so no altered bit can hide them.
const (
	DataSum   = "vsim.sha256"
	HeaderSum = "vsim.header_sha256"
)

const remedy = "make the file again or copy it again"

var noSum = strings.Repeat("0", 2*sha256.Size)

// WriteSummed is Write with checksums in the metadata, which Open and Verify check.
func WriteSummed(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	specs := make([]Spec, len(tensors))
	for i, t := range tensors {
		specs[i] = Spec{t.Name, t.DType, t.Shape}
	}
	order, sizes, err := layout(specs)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	sum := sha256.New()
	for _, i := range order {
		sum.Write(tensors[i].Data)
	}
	metadata = maps.Clone(metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[DataSum], metadata[HeaderSum] = hexSum(sum), noSum
	head, err := buildHeader(specs, order, sizes, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	sealed, err := sealHeader(head)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return writeFile(w, sealed, specs, order, sizes, func(i int) ([]byte, error) { return tensors[i].Data, nil })
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// headerMember is the member of a header's JSON that has the header's checksum.
func headerMember(digits string) []byte { return fmt.Appendf(nil, `%q:"%s"`, HeaderSum, digits) }

// sealHeader puts the checksum of a header, as buildHeader returns it, instead of zeros.
func sealHeader(head []byte) ([]byte, error) {
	sum := sha256.Sum256(head[8:])
	sealed := bytes.Replace(head, headerMember(noSum), headerMember(hex.EncodeToString(sum[:])), 1)
	if bytes.Equal(sealed, head) {
		return nil, errors.New("the header has no room for its checksum")
	}
	return sealed, nil
}

// checkSum compares the JSON of a header with its checksum, where it has one.
func (h *header) checkSum(written []byte) error {
	data, hasData := h.metadata[DataSum]
	own, hasOwn := h.metadata[HeaderSum]
	if !hasData && !hasOwn {
		return nil
	}
	if !hasData || !hasOwn || len(data) != len(noSum) {
		return errors.New("the header was altered: of its two checksums one is missing; " + remedy)
	}
	sum := sha256.Sum256(bytes.Replace(written, headerMember(own), headerMember(noSum), 1))
	if got := hex.EncodeToString(sum[:]); got != own {
		is, was := text.Differing(got, own)
		return fmt.Errorf("the header was altered: its sha256 begins %s, where %s was written; %s", is, was, remedy)
	}
	return nil
}

// summed hashes the data of a file while its tensors are read in the order of the file.
type summed struct {
	mu   sync.Mutex
	hash hash.Hash
	next int64 // first byte that was not hashed yet
}

// add hashes the bytes of a tensor that begins at begin, if it comes next.
func (s *summed) add(begin int64, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hash != nil && begin == s.next {
		s.hash.Write(data)
		s.next += int64(len(data))
	}
}

// Verify compares the data with the checksum in the metadata; a file that has none is not looked at. What was read before in the
// order of the file is not read again, so call it behind the last Read.
func (f *File) Verify() error {
	want, ok := f.header.metadata[DataSum]
	if !ok {
		return nil
	}
	s := &f.sum
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := io.NewSectionReader(f.file, f.start+s.next, f.size-f.start-s.next)
	n, err := io.Copy(s.hash, rest)
	s.next += n
	if err != nil {
		return fmt.Errorf("safetensors: %s: %w", f.path, atomicfile.Cause(err))
	}
	if got := hexSum(s.hash); got != want {
		is, was := text.Differing(got, want)
		return fmt.Errorf("safetensors: %s: the data were altered: their sha256 begins %s, where %s was written; %s",
			f.path, is, was, remedy)
	}
	return nil
}

// DataHash is the sha256 of all tensors' data in hexadecimal: of a file with checksums the one in its metadata, else it is
// computed. It does not depend on names, shapes and metadata.
func DataHash(path string) (string, error) {
	f, err := Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if sum, ok := f.header.metadata[DataSum]; ok {
		return sum, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f.file, f.start, f.size-f.start)); err != nil {
		return "", fmt.Errorf("safetensors: %s: %w", path, atomicfile.Cause(err))
	}
	return hexSum(h), nil
}
