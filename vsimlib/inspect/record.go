// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/half"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tfrecord"
)

// Record follows the first record of that title in the files from its bytes to its row of a batch.
func (s *Source) Record(files []string, title string) (results.Record, error) {
	var r results.Record
	video, err := find(&r, files, title)
	if err != nil {
		return r, err
	}
	r.ID, r.Title = video.ID, video.Title
	s.addTags(&r, video.Tags)
	addFrames(&r, video)
	config := batch.ConfigOf(s.Recipe.Model)
	config.Pack = false // one video
	builder, err := batch.NewBuilder(config, s.Tokenizer, s.Tags)
	if err != nil {
		return r, err
	}
	in, err := builder.Inputs([]corpus.Video{video})
	if err != nil {
		return r, err
	}
	r.Arrays = inputArrays(in)
	r.Positions, err = positionsOf(in, s.Recipe.Model, s.Tokenizer)
	for _, p := range r.Positions {
		r.Real += p.Mask
	}
	return r, err
}

// addTags lists the tags of a video with their classes.
func (s *Source) addTags(r *results.Record, tags []int64) {
	for _, tag := range tags {
		class, ok := slices.BinarySearch(s.Tags, tag)
		if ok {
			r.Listed++
		} else {
			class = -1
		}
		r.Tags = append(r.Tags, results.Tag{ID: tag, Class: int64(class)})
	}
}

// find looks for the record in the files' bytes and keeps what it met there.
func find(r *results.Record, files []string, title string) (corpus.Video, error) {
	for _, path := range files {
		found, data, err := scan(path, title)
		if err != nil {
			return corpus.Video{}, err
		}
		if data == nil {
			continue
		}
		set, err := corpus.OpenRecords(path)
		if err != nil {
			return corpus.Video{}, err
		}
		r.Framing = framing(filepath.Base(path), found, data)
		if r.Features, err = features(data[12 : len(data)-4]); err != nil {
			return corpus.Video{}, err
		}
		return set.Video(found.Number)
	}
	return corpus.Video{}, fmt.Errorf("inspect: no record has the title %q", title)
}

// scan reads a file to the first record of a title and returns the record's entry and bytes, header and checksums with them; none
// where there is no such record.
func scan(path, title string) (tfrecord.Entry, []byte, error) {
	f, err := tfrecord.Open(path)
	if err != nil {
		return tfrecord.Entry{}, nil, err
	}
	defer func() { _ = f.Close() }()
	var example tfrecord.Example
	for records := f.Scan(); ; {
		record, err := records.Next()
		if errors.Is(err, io.EOF) {
			return tfrecord.Entry{}, nil, nil
		}
		if err != nil {
			return tfrecord.Entry{}, nil, err
		}
		if err := example.Unmarshal(record.Data); err != nil {
			return tfrecord.Entry{}, nil, fmt.Errorf("inspect: %s: record %d: %w", path, record.Number, err)
		}
		if name := example.Get("title"); name == nil || len(name.Bytes) != 1 || string(name.Bytes[0]) != title {
			continue
		}
		var whole bytes.Buffer // framed again as it was read: both checksums held
		err = tfrecord.NewWriter(&whole).Write(record.Data)
		return record.Entry, whole.Bytes(), err
	}
}

// framing describes a record's bytes, and flips each bit of them once.
func framing(file string, at tfrecord.Entry, record []byte) results.Framing {
	f := results.Framing{File: file, Record: at.Number, Offset: at.Offset, DataBytes: at.Length, FlippedBits: 8 * len(record)}
	f.Header, f.DataChecksum = fmt.Sprintf("% x", record[:12]), fmt.Sprintf("% x", record[len(record)-4:])
	damaged := bytes.Clone(record)
	for bit := range f.FlippedBits {
		damaged[bit/8] ^= 1 << (bit % 8)
		if _, err := tfrecord.NewFile(file, bytes.NewReader(damaged), int64(len(damaged))).Scan().Next(); err != nil {
			f.FlippedNoticed++
		}
		damaged[bit/8] ^= 1 << (bit % 8)
	}
	return f
}

// features lists the entries of a tf.train.Example in their order.
func features(data []byte) ([]results.Feature, error) {
	var example tfrecord.Example
	if err := example.Unmarshal(data); err != nil {
		return nil, err
	}
	var list []results.Feature
	for _, f := range example.Features {
		one := results.Feature{Name: f.Name, Kind: f.Kind.String()}
		switch f.Kind {
		case tfrecord.BytesList:
			one.Values = len(f.Bytes)
			for _, value := range f.Bytes {
				one.Bytes += len(value)
			}
			if one.Values > 0 {
				one.Begins = begins(f.Name, f.Bytes[0])
			}
		case tfrecord.Int64List:
			one.Values, one.Bytes = len(f.Ints), 8*len(f.Ints)
			one.Begins = fmt.Sprint(f.Ints[:min(3, len(f.Ints))])
		case tfrecord.FloatList:
			one.Values, one.Bytes = len(f.Floats), 4*len(f.Floats)
		}
		list = append(list, one)
	}
	return list, nil
}

// begins shows the first bytes of a frame, or the text of all else.
func begins(name string, value []byte) string {
	if name == "frame_feature" {
		return fmt.Sprintf("% x …", value[:min(8, len(value))])
	}
	return string(value)
}

// addFrames widens the frames to float32 and compares them.
func addFrames(r *results.Record, v corpus.Video) {
	for i := range v.NumFrames {
		width := len(v.Frames) / v.NumFrames
		frame := make([]float32, 0, width/2)
		for at := i * width; at < (i+1)*width; at += 2 {
			frame = append(frame, half.Float32(binary.LittleEndian.Uint16(v.Frames[at:])))
		}
		r.Frames = append(r.Frames, frame)
	}
	for i, a := range r.Frames {
		r.Cosines = append(r.Cosines, nil)
		for _, b := range r.Frames {
			c := evaluate.Cosine(a, b)
			if math.IsNaN(c) { // a frame of zeros
				c = 0
			}
			r.Cosines[i] = append(r.Cosines[i], c)
		}
		if i > 0 {
			r.Nearest += r.Cosines[i][i-1] / float64(len(r.Frames)-1)
		}
		for j := range max(0, i-1) {
			r.Others += r.Cosines[i][j] / float64((len(r.Frames)-1)*(len(r.Frames)-2)/2)
		}
	}
}
