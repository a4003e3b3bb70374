// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
)

// faults collects everything that is wrong, so that a user fixes a recipe once.
type faults struct {
	section string
	list    []string
}

func (f *faults) add(name, format string, args ...any) {
	f.list = append(f.list, field{section: f.section, name: name}.full()+": "+fmt.Sprintf(format, args...))
}

func (f *faults) whole(name string, v, lo, hi int) {
	if v < lo || v > hi {
		f.add(name, "%d is outside [%d,%d]", v, lo, hi)
	}
}

// number accepts [lo,hi]. NaN is in no interval.
func (f *faults) number(name string, v, lo, hi float64) {
	if !(v >= lo && v <= hi) {
		f.add(name, "%g is outside [%g,%g]", v, lo, hi)
	}
}

// positive accepts (0,hi].
func (f *faults) positive(name string, v, hi float64) {
	if !(v > 0 && v <= hi) {
		f.add(name, "%g is outside (0,%g]", v, hi)
	}
}

// share accepts [0,1).
func (f *faults) share(name string, v float64) {
	if !(v >= 0 && v < 1) {
		f.add(name, "%g is outside [0,1)", v)
	}
}

func (f *faults) oneOf(name, v string, known ...string) {
	if !slices.Contains(known, v) {
		f.add(name, "%q is not one of %s", v, strings.Join(known, ", "))
	}
}

// accumulate accepts a number of micro-batches that batch can be split into; 0 is off.
func (f *faults) accumulate(n, batch int) {
	switch {
	case n < 0 || n > max(1, batch):
		f.whole("accumulate", n, 0, max(1, batch))
	case n > 1 && batch%n != 0:
		f.add("accumulate", "%d does not divide batch %d", n, batch)
	}
}

// err joins the faults into one line.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return errors.New(strings.Join(f.list, "; "))
}

// Upper bounds catch slips of the keyboard and keep products of sizes far from overflow; no known model exceeds them.
const (
	maxWidth  = 1 << 16
	maxTable  = 1 << 24
	maxEpochs = 1_000_000
	maxSteps  = 1 << 40
	maxRate   = 100.0
	maxWeight = 1e9
)

// Validate returns one error that names all faults, or nil. Sizes that the corpus decides may be 0.
func (r Recipe) Validate() error {
	f := &faults{section: "model"}
	r.Model.check(f, 0)
	f.section = "pretrain"
	r.Pretrain.check(f)
	r.Pretrain.ownTask(f, r.Model.Packs())
	f.section = "finetune"
	r.Finetune.check(f)
	f.section = "ensemble"
	r.Ensemble.check(f)
	if err := f.err(); err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	return nil
}

// Validate returns one error that names all faults of a complete model, or nil.
func (m Model) Validate() error {
	f := &faults{}
	m.check(f, 1)
	return f.err()
}

// check judges a model whose vocab_size and frame_dim are at least least. num_tags may be 0: a corpus may have no tags.
func (m Model) check(f *faults, least int) {
	f.whole("vocab_size", m.VocabSize, least, maxTable)
	f.whole("hidden_size", m.HiddenSize, 1, maxWidth)
	f.whole("num_hidden_layers", m.NumHiddenLayers, 1, 1000)
	f.whole("num_attention_heads", m.NumAttentionHeads, 1, maxWidth)
	if m.NumAttentionHeads > 0 && m.HiddenSize > 0 && m.HiddenSize%m.NumAttentionHeads != 0 {
		f.add("num_attention_heads", "%d does not divide hidden_size %d", m.NumAttentionHeads, m.HiddenSize)
	}
	f.whole("intermediate_size", m.IntermediateSize, 1, 1<<20)
	f.whole("max_position_embeddings", m.MaxPositionEmbeddings, 1, 1<<20)
	f.whole("type_vocab_size", m.TypeVocabSize, 1, maxWidth)
	f.positive("layer_norm_eps", m.LayerNormEps, 1)
	f.whole("frame_dim", m.FrameDim, least, 1<<20)
	f.whole("max_frames", m.MaxFrames, 1, maxWidth)
	f.whole("max_text", m.MaxText, 3, maxWidth) // [CLS] [SEP] [SEP] at least
	// Frames and title count their positions apart, each from 0.
	if m.MaxFrames > m.MaxPositionEmbeddings {
		f.add("max_frames", "%d is above max_position_embeddings %d", m.MaxFrames, m.MaxPositionEmbeddings)
	}
	if m.MaxText > m.MaxPositionEmbeddings {
		f.add("max_text", "%d is above max_position_embeddings %d", m.MaxText, m.MaxPositionEmbeddings)
	}
	f.whole("max_asr", m.MaxASR, 0, maxWidth)
	if m.MaxASR > 0 && m.MaxText <= m.MaxPositionEmbeddings && m.TextLength() > m.MaxPositionEmbeddings {
		f.add("max_asr", "%d with max_text %d is above max_position_embeddings %d", m.MaxASR, m.MaxText, m.MaxPositionEmbeddings)
	}
	f.whole("num_tags", m.NumTags, 0, maxTable)
	f.whole("embedding_dim", m.EmbeddingDim, 1, maxWidth)
	f.oneOf("layout", m.Layout, competition.Layouts()...)
	f.choice("pooling", m.Pooling, Mean, Attention, MaskedMean, MaskedAttention, CLS)
	f.oneOf("tag_input", m.TagInput, TagCLS, TagEmbedding)
	f.share("hidden_dropout_prob", m.HiddenDropoutProb)
	f.share("attention_probs_dropout_prob", m.AttentionProbsDropoutProb)
	f.number("initializer_range", m.InitializerRange, 0, 10)
	if m.Reads != "" {
		f.oneOf("reads", m.Reads, ReadsBoth, ReadsTitle, ReadsFrames)
	}
	if m.ComputeDType != "" {
		f.oneOf("compute_dtype", m.ComputeDType, Float32, BFloat16)
	}
}

func (p Pretrain) check(f *faults) {
	f.whole("epochs", p.Epochs, 0, maxEpochs)
	f.whole("batch", p.Batch, 1, 1<<20)
	f.accumulate(p.Accumulate, p.Batch)
	checkOptimiser(f, p.LREncoder, p.LRHeads, p.LayerDecay, p.WeightDecay, p.AdamEps, p.WarmupRatio)
	f.share("ema", p.EMA)
	if p.WeightTag != nil {
		f.number("weight_tag", *p.WeightTag, 0, maxWeight)
	}
	f.number("weight_mlm", p.WeightMLM, 0, maxWeight)
	f.number("weight_mfm", p.WeightMFM, 0, maxWeight)
	f.number("mfm_temperature", p.MFMTemperature, 0, maxRate)
	f.number("weight_simcse", p.WeightSimCSE, 0, maxWeight)
	f.number("simcse_temperature", p.SimCSETemperature, 0, maxRate)
	f.share("mlm_probability", p.MLMProbability)
	f.share("mfm_probability", p.MFMProbability)
	f.whole("max_pointwise", p.MaxPointwise, 0, maxSteps)
	f.whole("pairwise_epochs", p.PairwiseEpochs, 0, maxEpochs)
	f.whole("val_every", p.ValEvery, 0, maxSteps)
	f.whole("val_videos", p.ValVideos, 0, maxSteps)
	f.whole("checkpoint_every", p.CheckpointEvery, 0, maxSteps)
}

func (t Finetune) check(f *faults) {
	f.whole("epochs", t.Epochs, 0, maxEpochs)
	f.whole("batch", t.Batch, 1, 1<<20)
	f.accumulate(t.Accumulate, t.Batch)
	checkOptimiser(f, t.LREncoder, t.LRHeads, t.LayerDecay, t.WeightDecay, t.AdamEps, t.WarmupRatio)
	f.share("ema", t.EMA)
	f.oneOf("split", t.Split, competition.Splits()...)
	f.whole("fold", t.Fold, 0, 4)
	if t.Labels != "" {
		f.oneOf("labels", t.Labels, LabelsRank, LabelsRaw)
	}
	if t.Loss != "" {
		f.choice("loss", t.Loss, LossMSE, CoSENT, SoftmaxPearson)
	}
	f.number("temperature", t.Temperature, 0, maxRate)
	if t.OfOrder() && t.Accumulate > 1 {
		f.add("accumulate", "%d, but the loss %s is over a whole batch; set 0", t.Accumulate, t.Loss)
	}
	t.checkTeacher(f)
	f.whole("max_pairs", t.MaxPairs, 0, maxSteps)
	f.whole("val_every", t.ValEvery, 0, maxSteps)
	f.whole("checkpoint_every", t.CheckpointEvery, 0, maxSteps)
	f.oneOf("select", t.Select, SelectBest, SelectLast)
}

// checkTeacher accepts a teacher with a weight, or neither.
func (t Finetune) checkTeacher(f *faults) {
	f.number("weight_teacher", t.WeightTeacher, 0, 1)
	switch {
	case t.Teacher == "" && t.WeightTeacher > 0:
		f.add("weight_teacher", "%g, but teacher names no embeddings file", t.WeightTeacher)
	case t.Teacher != "" && t.WeightTeacher == 0:
		f.add("teacher", "%q, but weight_teacher is 0; set it to the teacher's share of the loss, 1 for no labels", t.Teacher)
	}
}

func checkOptimiser(f *faults, lrEncoder, lrHeads, layerDecay, weightDecay, adamEps, warmup float64) {
	f.number("lr_encoder", lrEncoder, 0, maxRate)
	f.number("lr_heads", lrHeads, 0, maxRate)
	if !(layerDecay >= 0 && layerDecay < 1) { // elsewhere 1 is off
		f.add("layer_decay", "%g is outside [0,1); one rate for all layers is 0", layerDecay)
	}
	f.number("weight_decay", weightDecay, 0, maxRate)
	f.positive("adam_eps", adamEps, 1)
	f.share("warmup_ratio", warmup)
}

func (e Ensemble) check(f *faults) {
	if len(e.Members) == 0 {
		f.add("members", "empty; want some of 1 to %d", Members)
	}
	for i, n := range e.Members {
		if n < 1 || n > Members {
			f.add("members", "%d is outside [1,%d]", n, Members)
		} else if slices.Contains(e.Members[:i], n) {
			f.add("members", "duplicate %d", n)
		}
	}
	f.whole("dim", e.Dim, 1, maxWidth)
	if len(e.Weights) > 0 && len(e.Weights) != len(e.Members) {
		f.add("weights", "%d for %d members", len(e.Weights), len(e.Members))
	}
	for _, w := range e.Weights {
		if !(w > 0) || math.IsInf(w, 0) {
			f.add("weights", "%g is not a positive number", w)
		}
	}
}
