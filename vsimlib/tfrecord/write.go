// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Writer frames records into an io.Writer, which should be buffered.
type Writer struct {
	w       io.Writer
	n       int
	scratch [headerSize]byte
}

// NewWriter starts a record file in w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write appends one record.
func (w *Writer) Write(data []byte) error {
	if len(data) > MaxRecord {
		return fmt.Errorf("tfrecord: record %d: %d bytes are over the limit of %d", w.n, len(data), MaxRecord)
	}
	header := w.scratch[:headerSize]
	binary.LittleEndian.PutUint64(header, uint64(len(data)))
	binary.LittleEndian.PutUint32(header[8:], maskedCRC(header[:8]))
	if err := w.write(header); err != nil {
		return err
	}
	if err := w.write(data); err != nil {
		return err
	}
	footer := w.scratch[:footerSize]
	binary.LittleEndian.PutUint32(footer, maskedCRC(data))
	if err := w.write(footer); err != nil {
		return err
	}
	w.n++
	return nil
}

func (w *Writer) write(b []byte) error {
	if _, err := w.w.Write(b); err != nil {
		return fmt.Errorf("tfrecord: writing record %d: %w", w.n, err)
	}
	return nil
}
