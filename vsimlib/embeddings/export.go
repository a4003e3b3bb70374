// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/outdir"
)

// Format is a format of embeddings for other tools.
type Format string

// The formats.
const (
	NPY Format = "npy" // NumPy's: float32 [N,D] in NAME.npy, int64 [N] in NAME.ids.npy
	CSV Format = "csv" // a line a video: id, e0, e1, …; a value has the digits that give the same float32
)

// Formats lists them.
func Formats() []Format { return []Format{NPY, CSV} }

// exported is a file that Export writes.
type exported struct {
	path  string
	kind  outdir.FileKind
	write func(s *Set, w io.Writer) error
}

// filesOf are the files of an embeddings file at path in a format: its name without .safetensors, and an extension.
func filesOf(path string, format Format) []exported {
	stem := strings.TrimSuffix(path, ".safetensors")
	if format == NPY {
		return []exported{{stem + ".npy", npyKind, (*Set).writeRows}, {stem + ".ids.npy", npyKind, (*Set).writeIDs}}
	}
	return []exported{{stem + ".csv", csvKind, (*Set).writeCSV}}
}

// ExportedFrom is the embeddings file with which a file of the format is written: where path has the format's extension, the one
// next to it, E.safetensors for E.csv; else path. The extension of another format is an error.
func ExportedFrom(path string, format Format) (string, error) {
	extension := filepath.Ext(path)
	if len(extension) == len(filepath.Base(path)) || !slices.Contains(Formats(), Format(strings.TrimPrefix(extension, "."))) {
		return path, nil
	}
	if extension != "."+string(format) {
		return "", fmt.Errorf("%q ends in %s, but the format is %s", path, extension, format)
	}
	stem := strings.TrimSuffix(path, extension)
	if format == NPY {
		stem = strings.TrimSuffix(stem, ".ids")
	}
	return stem + ".safetensors", nil
}

// ExportPaths are the paths of the files that Export writes.
func ExportPaths(path string, format Format) (paths []string) {
	for _, f := range filesOf(path, format) {
		paths = append(paths, f.path)
	}
	return paths
}

// CheckExport returns an error where a file of the format may not be written, before long work begins.
func CheckExport(path string, format Format) error {
	for _, f := range filesOf(path, format) {
		if err := outdir.CheckFile(f.path, f.kind); err != nil {
			return err
		}
	}
	return nil
}

// Export writes the set next to the embeddings file at path, in a format for other tools, and returns the paths. A file with the
// same bytes stays. Another one is an error or, with force, overwritten if it is of this format.
func (s *Set) Export(path string, format Format, force bool) ([]string, error) {
	for _, f := range filesOf(path, format) {
		if err := f.save(s, force); err != nil {
			return nil, fmt.Errorf("embeddings: %w", err)
		}
	}
	return ExportPaths(path, format), nil
}

// save writes the file of a set unless it is there.
func (f exported) save(s *Set, force bool) error {
	if err := outdir.CheckFile(f.path, f.kind); err != nil {
		return err
	}
	if _, err := os.Lstat(f.path); err == nil {
		same, err := f.same(s)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", f.path, atomicfile.Cause(err))
		case same:
			return nil
		case !force:
			return fmt.Errorf("%s: exists and has other embeddings; --force overwrites it", f.path)
		}
	}
	return atomicfile.Write(f.path, func(w io.Writer) error { return f.write(s, w) })
}

// same reports whether the file has the bytes that it would be written with.
func (f exported) same(s *Set) (bool, error) {
	file, err := filetype.Open(f.path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	c := &comparison{file: bufio.NewReaderSize(file, 1<<16)}
	if err := f.write(s, c); err != nil {
		return false, err
	}
	_, err = c.file.ReadByte()
	return !c.differs && err == io.EOF, nil
}

// comparison compares what is written to it with a file.
type comparison struct {
	file    *bufio.Reader
	buffer  []byte
	differs bool
}

// Write reads as many bytes of the file.
func (c *comparison) Write(p []byte) (int, error) {
	if cap(c.buffer) < len(p) {
		c.buffer = make([]byte, len(p))
	}
	n, _ := io.ReadFull(c.file, c.buffer[:len(p)])
	c.differs = c.differs || !bytes.Equal(c.buffer[:n], p)
	return len(p), nil
}

// npyMagic begins every file of NumPy's format; version 1.0 follows.
const npyMagic = "\x93NUMPY"

var (
	npyKind = outdir.FileKind{Name: "NumPy file", Made: outdir.StartsWith(npyMagic)}
	csvKind = outdir.FileKind{Name: "table of embeddings", Made: outdir.StartsWith("id,e0")}
)

// writeRows writes the embeddings as .npy.
func (s *Set) writeRows(w io.Writer) error {
	header := npyHeader("<f4", fmt.Sprintf("(%d, %d)", len(s.IDs), s.Dim))
	if _, err := w.Write(header); err != nil {
		return err
	}
	return s.writeValues(w)
}

// writeIDs writes the ids as .npy.
func (s *Set) writeIDs(w io.Writer) error {
	buffer := npyHeader("<i8", fmt.Sprintf("(%d,)", len(s.IDs)))
	for _, id := range s.IDs {
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(id))
	}
	_, err := w.Write(buffer)
	return err
}

// npyHeader is the start of an .npy file, filled up with spaces to a multiple of 64 bytes as the format asks for.
func npyHeader(dtype, shape string) []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", dtype, shape)
	text += strings.Repeat(" ", (64-(len(npyMagic)+4+len(text)+1)%64)%64) + "\n"
	head := append([]byte(npyMagic), 1, 0)
	return append(binary.LittleEndian.AppendUint16(head, uint16(len(text))), text...)
}

// writeCSV writes a line of names, and a line for each video.
func (s *Set) writeCSV(w io.Writer) error {
	line := []byte("id")
	for j := range s.Dim {
		line = strconv.AppendInt(append(line, ",e"...), int64(j), 10)
	}
	for i := -1; i < len(s.IDs); i++ {
		if i >= 0 {
			line = strconv.AppendInt(line[:0], s.IDs[i], 10)
			for _, v := range s.Row(i) {
				line = strconv.AppendFloat(append(line, ','), float64(v), 'g', -1, 32)
			}
		}
		line = append(line, '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}
