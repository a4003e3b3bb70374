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

// folder is the corpus that is being written, and what to take back if that fails.
type folder struct {
	dir   string
	files []string // written
	dirs  []string // made
	bytes int64    // of files
}

// kind is that of generated corpora. Those of older versions have no marker and cannot be distinguished from a user's corpus.
var kind = outdir.Kind{Name: "corpus", Files: []string{
	competition.TagListFile, competition.VocabFile,
	competition.Pointwise + "/*.tfrecords",
	competition.Pairwise + "/pairwise.tfrecords", competition.Pairwise + "/" + competition.LabelFile,
	"test_[ab]/test_[ab].tfrecords", "test_[ab]/" + competition.LabelFile,
}}

// openFolder makes dir or takes it over: empty, or with force, which removes the generated corpus in it.
func openFolder(dir string, force bool) (*folder, error) {
	f := &folder{dir: filepath.Clean(dir)}
	made, err := outdir.Check(dir, kind)
	switch {
	case err != nil:
		return nil, err
	case made && !force:
		return nil, fmt.Errorf("%s: is not empty; --force replaces the corpus in it", dir)
	case made:
		err = outdir.Clear(dir, kind)
	default:
		err = f.mkdir(f.dir)
	}
	if err != nil {
		return nil, err
	}
	f.files = append(f.files, filepath.Join(f.dir, outdir.MarkerFile))
	if err := outdir.Take(f.dir, kind); err != nil {
		f.remove()
		return nil, err
	}
	return f, nil
}

// mkdir makes a directory and notes that it is ours.
func (f *folder) mkdir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("%s: cannot be made: %w", dir, atomicfile.Cause(err))
	}
	f.dirs = append(f.dirs, dir)
	return nil
}

// remove takes back what was written. What cannot be removed stays.
func (f *folder) remove() {
	for _, path := range f.files {
		os.Remove(path)
	}
	for i := len(f.dirs) - 1; i >= 0; i-- {
		os.Remove(f.dirs[i])
	}
}

// file writes a file of the corpus, whole or not at all, and tells its size.
func (f *folder) file(name string, write func(io.Writer) error) (int64, error) {
	path := filepath.Join(f.dir, name)
	if err := f.mkdir(filepath.Dir(path)); err != nil {
		return 0, err
	}
	if err := atomicfile.Write(path, write); err != nil {
		return 0, err
	}
	f.files = append(f.files, path)
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
