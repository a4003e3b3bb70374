// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/tfrecord"
)

const (
	recordsPerFile = 50_000 // of pointwise, as published
	chunkVideos    = 32     // made at a time by one goroutine: 1.6 MB of Competition
)

// folder is the corpus that is being written.
type folder struct {
	dir   string
	bytes int64 // of files
}

// kind is that of generated corpora. Those of older versions have no marker and cannot be distinguished from a user's corpus.
var kind = outdir.Kind{Name: "corpus", Files: []string{
	competition.TagListFile, competition.VocabFile,
	competition.Pointwise + "/*.tfrecords",
	competition.Pairwise + "/pairwise.tfrecords", competition.Pairwise + "/" + competition.LabelFile,
	"test_[ab]/test_[ab].tfrecords", "test_[ab]/" + competition.LabelFile,
}}

// file writes a file of the corpus, whole or not at all, and tells its size.
func (f *folder) file(name string, write func(io.Writer) error) (int64, error) {
	path := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return 0, fmt.Errorf("%s: cannot be made: %w", filepath.Dir(path), atomicfile.Cause(err))
	}
	if err := atomicfile.Write(path, write); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	f.bytes += info.Size()
	return info.Size(), nil
}

// text writes a small file.
func (f *folder) text(name string, data []byte) (int64, error) {
	return f.file(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// records writes the videos from, from+1 … to-1 of a section.
func (f *folder) records(ctx context.Context, name string, s section, from, to int, labels bool, report func(done int)) (int64,
	error) {
	chunks := (to - from + chunkVideos - 1) / chunkVideos
	return f.file(name, func(w io.Writer) error {
		return inOrder(ctx, chunks, func() func(int, *bytes.Buffer) error {
			m := maker{section: s, labels: labels}
			return func(chunk int, out *bytes.Buffer) error {
				first := from + chunk*chunkVideos
				return m.records(first, min(first+chunkVideos, to), out)
			}
		}, func(chunk int, data []byte) error {
			if _, err := w.Write(data); err != nil {
				return err
			}
			report(min(from+(chunk+1)*chunkVideos, to))
			return nil
		})
	})
}

// maker makes records with memory of its own.
type maker struct {
	section
	labels bool
	video  corpus.Video
	record []byte
}

// records appends the framed records of the videos from, from+1 … to-1 to out.
func (m *maker) records(from, to int, out *bytes.Buffer) error {
	w := tfrecord.NewWriter(out)
	for i := from; i < to; i++ {
		m.fill(i, &m.video)
		m.video.ID = m.id(i)
		var err error
		if m.record, err = corpus.AppendVideo(m.record[:0], m.video, m.labels); err != nil {
			return err
		}
		if err := w.Write(m.record); err != nil {
			return err
		}
	}
	return nil
}
