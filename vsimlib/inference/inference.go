// SPDX-License-Identifier: Apache-2.0

// Package inference turns records into an embeddings file with a trained model.
package inference

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"vsim/vsimlib/arithmetic"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/own"
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
	Batch   int      // videos at a time; 0: 32; at most the videos, where these are more than 32
	DType   string   // of the products, float32 or bfloat16; "": as the model's config.json says, float32 where it says nothing
	// Shard of Shards, from 1: only every Shards-th run of Batch records is embedded, and Out becomes a shard that embeddings.Merge
	// takes. A merged file has the very bytes of the whole where the machines compute alike. 0 of 0: all.
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

// defaultBatch is large enough to fill a CPU's cores and small enough for its caches, and for little filling of the last batches.
const defaultBatch = 32

// Run embeds every record of the files, or those of a shard, in their order: rows of length one, [N, embedding_dim]. Beside the
// model, the index of the records and at most ten batches of videos only these rows are in memory. The row of a video, to the last
// bit, depends on neither the order of the records nor the other ones.
func Run(ctx context.Context, o Options) (Result, error) {
	began := time.Now()
	embedder, records, err := open(ctx, &o)
	if err != nil {
		return Result{}, err
	}
	defer embedder.Close()
	number, err := arithmetic.Embed(backends.Kind(o.Backend), embedder.Config())
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
func write(ctx context.Context, o Options, by provenance.Process, embedder *multimodal.RowEmbedder, records *corpus.Set) (Result,
	error) {
	r := newRows(share(records.Len(), o.Batch, o.Shard, o.Shards), embedder.Dim(), records.ID)
	done := func(n int) {
		if o.Report != nil {
			o.Report(n, len(r.records))
		}
	}
	fingerprint := sync.OnceValues(func() (string, error) { return fingerprintModel(o.Model) })
	go fingerprint() // beside the first batches, which wait for their programs
	if err := r.fill(ctx, embedder, records, o.Batch, done); err != nil {
		return Result{}, err
	}
	result := Result{Videos: len(r.records), Dim: embedder.Dim(), Skipped: records.Skipped()}
	model, err := fingerprint()
	if err != nil {
		return result, err
	}
	s := shardOf(o, model, embedder.Config(), by, records)
	if o.Shards == 0 {
		return result, r.set.WriteFrom(o.Out, embeddings.OriginOf(s.Job, by.Arithmetic), nil)
	}
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
	records, err := corpus.OpenRecordsWatched(func(read, total int64) error {
		if o.Reading != nil {
			o.Reading(read, total)
		}
		return ctx.Err()
	}, corpus.SkipUpTo(o.SkipBad, o.Warn), o.Records...)
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
func open(ctx context.Context, o *Options) (*multimodal.RowEmbedder, *corpus.Set, error) {
	if err := memplan.CheckLoad(o.Model); err != nil {
		return nil, nil, err
	}
	config, store, err := multimodal.Load(o.Model)
	if err != nil {
		return nil, nil, err
	}
	if config, err = o.asked(config); err != nil {
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
	if dim := records.FrameDim(); dim > 0 && dim != config.FrameDim {
		return nil, nil, fmt.Errorf("embed: %s: frames are %d wide, frame_dim is %d (model %s); embed records as of its training",
			o.Records[0], dim, config.FrameDim, o.Model)
	}
	builder, err := batch.NewBuilder(batch.ConfigOf(config), tokens, nil)
	if err != nil {
		return nil, nil, err
	}
	embedder, err := multimodal.NewRowEmbedder(o.Backend, store, config, builder, o.Batch)
	return embedder, records, err
}

// asked is what the options ask for of the model in their directory, of which c is the configuration.
func (o Options) asked(c recipe.Model) (recipe.Model, error) {
	if err := own.CheckModel(c); err != nil {
		return c, fmt.Errorf("%s: %w", o.Model, err)
	}
	c.ComputeDType = cmp.Or(o.DType, c.ComputeDType)
	return c, nil
}

// shardOf is the shard that the options ask for, without its rows.
func shardOf(o Options, model string, c recipe.Model, by provenance.Process, records *corpus.Set) embeddings.Shard {
	return embeddings.Shard{Index: o.Shard, By: by, Job: embeddings.Job{
		Of: o.Shards, Videos: records.Len(), Batch: o.Batch, DType: cmp.Or(c.ComputeDType, recipe.Float32), Model: model,
		Records: records.Fingerprint(),
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
	c, err := recipe.ReadModelConfig(filepath.Join(o.Model, run.ConfigFile))
	if err != nil {
		return Result{}, err
	}
	if c, err = o.asked(c); err != nil {
		return Result{}, err
	}
	r, err := doneBefore(o, model, c, backends.CPU, records)
	if errors.Is(err, embeddings.ErrDiffers) { // a GPU may have made it
		if made, err := doneBefore(o, model, c, backends.CUDA, records); err == nil {
			return made, nil
		}
	}
	return r, err
}

// doneBefore is DoneBefore for a file that was computed on a kind of device.
func doneBefore(o Options, model string, c recipe.Model, kind string, records *corpus.Set) (Result, error) {
	number, err := arithmetic.Embed(kind, c)
	if err != nil {
		return Result{}, err
	}
	s := shardOf(o, model, c, provenance.Process{Arithmetic: number}, records)
	r, origin := Result{Skipped: records.Skipped()}, embeddings.OriginOf(s.Job, number)
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
