// SPDX-License-Identifier: Apache-2.0

// Package embed turns records into an embeddings file with a trained model.
package embed

import (
	"context"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/run"
	"vsim/vsimlib/token"
	"vsim/vsimlib/videobert"
)

// Options of an embedding run.
type Options struct {
	Backend compute.Backend
	Model   string   // model directory
	Records []string // TFRecord files
	Out     string   // embeddings file; it appears whole or not at all
	Batch   int      // videos at a time; 0: 64
	Report  func(done, total int)
}

// Result of an embedding run.
type Result struct {
	Videos     int     `json:"videos"`
	Dim        int     `json:"dim"`
	VideosPerS float64 `json:"videos_per_s"` // reading and compiling included
}

// defaultBatch is large enough to fill a CPU's cores and small enough for any memory.
const defaultBatch = 64

// Run embeds every record of the files, in their order: rows of length one, [N, embedding_dim].
func Run(ctx context.Context, o Options) (Result, error) {
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	began := time.Now()
	config, store, err := videobert.Load(o.Model)
	if err != nil {
		return Result{}, err
	}
	tokens, err := token.LoadVocab(filepath.Join(o.Model, run.VocabFile))
	if err != nil {
		return Result{}, err
	}
	records, err := corpus.OpenRecords(o.Records...)
	if err != nil {
		return Result{}, err
	}
	builder, err := batch.NewBuilder(batch.Config{MaxText: config.MaxText, MaxFrames: config.MaxFrames, FrameDim: config.FrameDim, Layout: config.Layout}, tokens, nil)
	if err != nil {
		return Result{}, err
	}
	embedder, err := videobert.NewEmbedder(o.Backend, store, config, builder, o.Batch)
	if err != nil {
		return Result{}, err
	}
	defer embedder.Close()
	set := &embeddings.Set{Dim: embedder.Dim()}
	places := make([]int, records.Len())
	for i := range places {
		places[i] = i
		set.IDs = append(set.IDs, records.ID(i))
	}
	set.Data, err = embedder.All(ctx, records, places, func(done int) {
		if o.Report != nil {
			o.Report(done, len(places))
		}
	})
	if err != nil {
		return Result{}, err
	}
	if err := set.Write(o.Out); err != nil {
		return Result{}, err
	}
	return Result{Videos: len(places), Dim: set.Dim, VideosPerS: float64(len(places)) / time.Since(began).Seconds()}, nil
}
