// SPDX-License-Identifier: Apache-2.0

// Package inference turns records into an embeddings file with a trained model.
package inference

import (
	"context"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"vsim/vsimlib/arithmetic"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// Options of an embedding run.
type Options struct {
	Backend compute.Backend
	Model   string   // model directory
	Records []string // TFRecord files
	Out     string   // embeddings file; it appears whole or not at all
	Batch   int      // videos at a time; 0: 64; at most the videos, where these are more than 64
	// Shard of Shards, from 1: only every Shards-th batch is embedded, and Out becomes a shard that embeddings.Merge takes. The
	// batches are those of the whole, so a merged file has its very bytes where the machines compute alike. 0 of 0: all.
	Shard, Shards int
	SkipBad       float64 // pass over bad records, at most this share of all; 0: the first one is an error
	Report        func(done, total int)
	Warn          func(string)            // called with a line of what is passed over; may be nil
	Reading       func(read, total int64) // called during the first reading of the records, in bytes; may be nil
}

// Result of an embedding run.
type Result struct {
	Videos     int     `json:"videos"` // of this shard
	Shard      string  `json:"shard,omitempty"`
	Dim        int     `json:"dim"`
	VideosPerS float64 `json:"videos_per_s"` // reading and compiling included; 0 where it was done before

	Skipped *corpus.Skipped `json:"skipped,omitempty"` // bad records

	Provenance provenance.List `json:"-"` // none where it was done before
}

// defaultBatch is large enough to fill a CPU's cores and small enough for any memory.
const defaultBatch = 64

// Run embeds every record of the files, or those of a shard, in their order: rows of length one, [N, embedding_dim]. Beside the
// model, the index of the records and a few batches only these rows are in memory.
func Run(ctx context.Context, o Options) (Result, error) {
	began := time.Now()
	embedder, records, err := open(ctx, &o)
	if err != nil {
		return Result{}, err
	}
	defer embedder.Close()
	number, err := arithmeticOf(o.Model)
	if err != nil {
		return Result{}, err
	}
	by := provenance.Now(backends.Machine(o.Backend), number)
	r, err := write(ctx, o, by, embedder, records)
	by.Seconds = time.Since(began).Round(time.Millisecond).Seconds()
	r.VideosPerS, r.Provenance = float64(r.Videos)/time.Since(began).Seconds(), provenance.List{by}
	return r, err
}

// write embeds the records, or a shard of them, and writes the file.
func write(ctx context.Context, o Options, by provenance.Process, embedder *multimodal.Embedder, records *corpus.Set) (Result,
	error) {
	batches := share(layout(records.Len(), o.Batch), o.Shard, o.Shards)
	r := newRows(batches, embedder.Dim(), records.ID)
	i, done := 0, 0
	for values, err := range embedder.Batches(ctx, records, batches) {
		if err != nil {
			return Result{}, err
		}
		r.put(batches[i], values)
		if done += len(batches[i]); o.Report != nil {
			o.Report(done, len(r.records))
		}
		i++
	}
	result := Result{Videos: len(r.records), Dim: embedder.Dim(), Skipped: records.Skipped()}
	model, err := fingerprintModel(o.Model)
	if err != nil {
		return result, err
	}
	if o.Shards == 0 {
		return result, r.set.WriteFrom(o.Out, embeddings.OriginOf(model, records.Fingerprint(), o.Batch, by.Arithmetic), nil)
	}
	s := shardOf(o, model, by, records)
	result.Shard = s.Name()
	for _, record := range r.records {
		s.Places = append(s.Places, int64(record))
	}
	s.Set = r.set
	return result, s.Write(o.Out)
}

// openRecords indexes the records. It sets the batch: the default, or lower than asked for where that exceeds both the default and
// the number of records.
func openRecords(ctx context.Context, o *Options) (*corpus.Set, error) {
	var skip *corpus.Skip
	if o.SkipBad > 0 {
		skip = &corpus.Skip{Most: o.SkipBad, Warn: o.Warn}
	}
	records, err := corpus.OpenRecordsWatched(func(read, total int64) error {
		if o.Reading != nil {
			o.Reading(read, total)
		}
		return ctx.Err()
	}, skip, o.Records...)
	if err != nil {
		return nil, err
	}
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	o.Batch = min(o.Batch, max(defaultBatch, records.Len()))
	return records, nil
}

// open loads the model and indexes the records.
func open(ctx context.Context, o *Options) (*multimodal.Embedder, *corpus.Set, error) {
	if err := memplan.CheckLoad(o.Model); err != nil {
		return nil, nil, err
	}
	config, store, err := multimodal.Load(o.Model)
	if err != nil {
		return nil, nil, err
	}
	tokens, err := multimodal.LoadVocab(o.Model, config)
	if err != nil {
		return nil, nil, err
	}
	records, err := openRecords(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	builder, err := batch.NewBuilder(batch.ConfigOf(config), tokens, nil)
	if err != nil {
		return nil, nil, err
	}
	if err := builder.Measure(records.Len(), records.Video); err != nil { // of all records: shards are packed as the whole is
		return nil, nil, err
	}
	embedder, err := multimodal.NewEmbedder(o.Backend, store, config, builder, o.Batch)
	return embedder, records, err
}

// arithmeticOf is the number of what the model in a directory computes.
func arithmeticOf(dir string) (string, error) {
	c, err := recipe.ReadModelConfig(filepath.Join(dir, run.ConfigFile))
	if err != nil {
		return "", err
	}
	return arithmetic.Embed(c)
}

// shardOf is the shard that the options ask for, without its rows.
func shardOf(o Options, model string, by provenance.Process, records *corpus.Set) embeddings.Shard {
	return embeddings.Shard{Index: o.Shard, By: by, Job: embeddings.Job{
		Of: o.Shards, Videos: records.Len(), Batch: o.Batch, Model: model, Records: records.Fingerprint(),
	}}
}

// DoneBefore returns the result of an earlier Run with these options, where Out has what Run would write. Else the error says why,
// and is embeddings.ErrDiffers where that is Out's doing. It needs no backend.
func DoneBefore(ctx context.Context, o Options) (Result, error) {
	records, err := openRecords(ctx, &o)
	if err != nil {
		return Result{}, err
	}
	model, err := fingerprintModel(o.Model)
	if err != nil {
		return Result{}, err
	}
	number, err := arithmeticOf(o.Model)
	if err != nil {
		return Result{}, err
	}
	s := shardOf(o, model, provenance.Process{Arithmetic: number}, records)
	r, origin := Result{Skipped: records.Skipped()}, embeddings.OriginOf(model, s.Records, o.Batch, number)
	if o.Shards > 0 {
		r.Shard, origin = s.Name(), s.Origin()
	}
	before, err := embeddings.DoneBefore(o.Out, origin)
	if err != nil {
		return Result{}, err
	}
	r.Videos, r.Dim = before.Len(), before.Dim
	return r, nil
}
