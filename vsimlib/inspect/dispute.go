// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bufio"
	"context"
	"io"
	"path/filepath"

	"github.com/gomlx/compute"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/inference"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tfrecord"
)

// modality is what of a video is left to embed, as the names of files have it.
type modality string

const (
	wholeVideo modality = "whole"
	onlyTitle  modality = "title"
	onlyFrames modality = "frames"
)

// Dispute embeds the videos of a part three times with a finetuned model, whole, without frames and without titles, and compares
// what titles alone and frames alone say of the part's labelled pairs; n pairs of each side are shown. The records and embeddings
// are written to a directory.
func (s *Source) Dispute(ctx context.Context, backend compute.Backend, model, dir, part string, n int) (results.Dispute, error) {
	pairs, err := s.Corpus.Pairs(part)
	if err != nil {
		return results.Dispute{}, err
	}
	set, err := s.Corpus.Part(part)
	if err != nil {
		return results.Dispute{}, err
	}
	var m evaluate.Modalities
	for _, side := range []struct {
		modality modality
		cosines  *[]float64
	}{{wholeVideo, &m.Both}, {onlyTitle, &m.Title}, {onlyFrames, &m.Frames}} {
		path := filepath.Join(dir, part+"."+string(side.modality))
		if *side.cosines, err = cosinesOf(ctx, backend, model, path, set, pairs, side.modality); err != nil {
			return results.Dispute{}, err
		}
	}
	d, err := evaluate.Dispute(pairs, m, n)
	if err != nil {
		return d, err
	}
	return d, s.addTitles(set, d.Shown)
}

// cosinesOf embeds one modality of a set and returns the cosines of pairs. path lacks the extension of its two files.
func cosinesOf(ctx context.Context, backend compute.Backend, model, path string, set *corpus.Set, pairs []corpus.Pair,
	m modality) ([]float64, error) {
	records, out := path+".tfrecords", path+".safetensors"
	if err := writeModality(records, set, m); err != nil {
		return nil, err
	}
	o := inference.Options{Backend: backend, Model: model, Records: []string{records}, Out: out}
	if _, err := inference.Run(ctx, o); err != nil {
		return nil, err
	}
	embedded, err := embeddings.Read(out)
	if err != nil {
		return nil, err
	}
	return evaluate.Cosines(embedded, pairs)
}

// writeModality writes the videos of a set with one modality left of them, and without tags.
func writeModality(path string, set *corpus.Set, m modality) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		records := tfrecord.NewWriter(buffered)
		for i := range set.Len() {
			v, err := set.Video(i)
			if err != nil {
				return err
			}
			switch m {
			case onlyTitle:
				v.Frames, v.NumFrames = nil, 0
			case onlyFrames:
				v.Title, v.ASRText = "", ""
			}
			data, err := corpus.AppendVideo(nil, v, false)
			if err != nil {
				return err
			}
			if err := records.Write(data); err != nil {
				return err
			}
		}
		return buffered.Flush()
	})
}

// addTitles enters the titles and English names of the pairs' videos.
func (s *Source) addTitles(set *corpus.Set, list []results.DisputedPair) error {
	for i := range list {
		for side, into := range []*string{&list[i].First, &list[i].Second} {
			v, err := byID(set, list[i].IDs[side])
			if err != nil {
				return err
			}
			*into, list[i].English[side] = v.Title, s.Names[v.ID]
		}
	}
	return nil
}
