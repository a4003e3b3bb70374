// SPDX-License-Identifier: Apache-2.0

// Package recipe holds every setting of a run as one flat struct a stage, the presets tiny, demo and paper, and the six
// members that the paper ensembles. A recipe is made in this order:
//
//	r, err := recipe.Load("demo")        // a preset, or a JSON file
//	err = r.Member(4)                    // optional: one of the six
//	err = r.Set("pretrain.epochs=3")     // optional, any number of times
//	err = r.Validate()                   // all faults at once
//	err = r.Resolve(sizes)               // what the corpus decides
//
// "Paper" in the comments is the competition's winning solution (arXiv 2111.01677) as its released code has it; where
// the paper's text says something else, the comment says so.
package recipe

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"vsim/vsimlib/filetype"
)

// Recipe is all settings of pretraining, finetuning and ensembling one model.
type Recipe struct {
	Model    Model    `json:"model"`
	Pretrain Pretrain `json:"pretrain"`
	Finetune Finetune `json:"finetune"`
	Ensemble Ensemble `json:"ensemble"`
}

// Pretrain is the settings of pretraining on tags, masked tokens and masked frames.
type Pretrain struct {
	Epochs int `json:"epochs"` // passes over the videos; 0 leaves the model as it starts. Paper: 40
	Batch  int `json:"batch"`  // videos a step. Paper: 128
	// Accumulate splits a step's batch into that many equal micro-batches, one after the other, for batches that do not fit in
	// memory; 0 and 1: off. The tag and token losses and their gradients are those of the whole batch up to rounding; a masked
	// frame is distinguished from the frames of its micro-batch only, so loss_mfm is another, easier one. Paper: off
	Accumulate int     `json:"accumulate,omitempty"`
	Seed       int64   `json:"seed"`       // of fresh weights, order, masks and dropout. Paper: 2021
	LREncoder  float64 `json:"lr_encoder"` // peak learning rate of bert.*, video_*, cls.* and mfm.*. Paper: 5e-5
	LRHeads    float64 `json:"lr_heads"`   // peak learning rate of the other heads. Paper: 5e-4
	// LayerDecay multiplies the encoder's rate from each layer to the one below: lr_encoder·decay of the uppermost layer, down to
	// lr_encoder·decay^(layers+1) of the embeddings; heads have their whole rate. 0: one rate for all. Paper: off
	LayerDecay  float64 `json:"layer_decay,omitempty"`
	WeightDecay float64 `json:"weight_decay"` // AdamW, not on biases and LayerNorm weights. Paper: 0.01
	AdamEps     float64 `json:"adam_eps"`     // AdamW's epsilon. Paper: 1e-6
	WarmupRatio float64 `json:"warmup_ratio"` // share of the steps with a rising rate; half a cosine to 0 follows. Paper: 0.06
	// EMA is the decay of an exponential moving average of the weights, over about 1/(1−ema) steps; early on it is t/(t+9) at step t
	// where that is less. Validation scores the averages, and the model has them. 0: off. Paper: off
	EMA float64 `json:"ema,omitempty"`
	// WeightTag multiplies the tag loss; 0 switches the task off. null means num_tags/24: the loss is a mean over
	// all tags, so the weight grows with their number. Paper: 1250/3, which is num_tags/24 at its 10,000 tags.
	WeightTag *float64 `json:"weight_tag"`
	WeightMLM float64  `json:"weight_mlm"` // multiplies the masked-token loss; 0 switches it off. Paper: 1/3.75
	WeightMFM float64  `json:"weight_mfm"` // multiplies the masked-frame loss; 0 switches it off. Paper: 1/9; member 3: 0
	// MFMTemperature finds a masked frame by the cosine divided by this temperature, instead of by the plain dot product; 0.1 is
	// usual. 0: plain dot products. Paper: off
	MFMTemperature float64 `json:"mfm_temperature,omitempty"`
	// WeightSimCSE multiplies the SimCSE loss, which other teams had: each video is encoded once more with other draws of dropout, and
	// found again among the videos of its batch (with accumulate, its micro-batch) by its embedding. Nearly twice the work; 0: off.
	// Paper: off
	WeightSimCSE      float64 `json:"weight_simcse,omitempty"`
	SimCSETemperature float64 `json:"simcse_temperature,omitempty"` // divides its cosines; 0 means 0.05
	OwnTask           string  `json:"own_task,omitempty"`           // one task more, own:NUMBER: a function of a notebook. Paper: off
	WeightOwn         float64 `json:"weight_own,omitempty"`         // multiplies the loss of own_task; 0 switches it off
	// MLMProbability is the share of tokens to predict, of which 80% are masked, 10% replaced and 10% unchanged. Paper: 0.15;
	// member 6: 0.25.
	MLMProbability float64 `json:"mlm_probability"`
	// MFMProbability is the share of real frames that are zeroed and predicted. Paper: 0.135 in the code, which is the
	// paper's 15% chosen and 90% of them zeroed; its other 10%, left as they are and still predicted, the code drops.
	// Member 6: 0.225.
	MFMProbability float64 `json:"mfm_probability"`
	MaxPointwise   int     `json:"max_pointwise,omitempty"` // videos of pointwise used at most, the first ones; 0: all. Paper: all
	// IncludeTests adds the videos of test_a and test_b, which have no tags, to the masked tasks. Paper: member 5 only.
	IncludeTests bool `json:"include_tests"`
	// PairwiseEpochs is further passes over the videos of pairwise alone, with a new warm-up and cosine. Paper: 0; member 4: 5.
	PairwiseEpochs  int `json:"pairwise_epochs"`
	ValEvery        int `json:"val_every"`        // steps between validations; 0: at the end of each epoch. Paper: 500
	ValVideos       int `json:"val_videos"`       // videos validated on, the first of pairwise; 0: none. Paper: 10000
	CheckpointEvery int `json:"checkpoint_every"` // steps between checkpoints; 0: at the end of each epoch. Paper: 500 (on validating)
	// CheckpointKeep keeps the checkpoints of a finished run. Without it only the last one stays, with the best one where that is
	// the model's. Paper: false
	CheckpointKeep bool `json:"checkpoint_keep,omitempty"`
}

// Finetune is the settings of finetuning on labelled pairs.
type Finetune struct {
	Epochs      int     `json:"epochs"`                // passes over the pairs; 0 leaves the model as it starts. Paper: 10
	Batch       int     `json:"batch"`                 // pairs a step, two videos each. Paper: 32
	Accumulate  int     `json:"accumulate,omitempty"`  // micro-batches of a step, as in pretrain; the loss is exact. Paper: off
	Seed        int64   `json:"seed"`                  // of order and dropout. Paper: 2021; member 5: 123456
	LREncoder   float64 `json:"lr_encoder"`            // peak learning rate of bert.* and video_*. Paper: 1e-5
	LRHeads     float64 `json:"lr_heads"`              // peak learning rate of embedding_fc and attention_pool. Paper: 5e-5
	LayerDecay  float64 `json:"layer_decay,omitempty"` // multiplies lr_encoder from layer to layer, as in pretrain; 0: off. Paper: off
	WeightDecay float64 `json:"weight_decay"`          // AdamW, not on biases and LayerNorm weights. Paper: 0.01
	AdamEps     float64 `json:"adam_eps"`              // AdamW's epsilon. Paper: 1e-6
	WarmupRatio float64 `json:"warmup_ratio"`          // share of the steps with a rising rate. Paper: 0.06
	EMA         float64 `json:"ema,omitempty"`         // decay of the averages of the weights, as in pretrain; 0: off. Paper: off
	// Split selects the pairs held out: released | strict | component. Paper: released in the code (leaks), strict in the text
	Split string `json:"split"`
	Fold  int    `json:"fold"` // 0..4: the fold validated on. Paper: 0
	// Labels is rank (also where empty): rank-normalised (E5) | raw: as in label.tsv. Paper: rank
	Labels string `json:"labels,omitempty"`
	// Loss is mse (also where empty) | cosent: every two pairs of a batch should have cosines in the order of their labels | another
	// team's softmax_pearson: minus the correlation of label and softmax(cosine/temperature) over the pairs of a batch. These two
	// compare pairs of one batch: use the largest batch that fits in memory. own:NUMBER is a function of a notebook. Paper: mse
	Loss        string  `json:"loss,omitempty"`
	Temperature float64 `json:"temperature,omitempty"` // divides the cosines; 0 means 0.05 of cosent and 0.2 of softmax_pearson
	// Teacher is an embeddings file with all videos of pairwise, such as an ensemble's (vsim ensemble): the cosines of the pairs are
	// trained towards those of the teacher. Empty: none. Paper: off
	Teacher       string  `json:"teacher,omitempty"`
	WeightTeacher float64 `json:"weight_teacher,omitempty"` // w of (1−w)·loss + w·the teacher's mean squared error; 1: no labels
	MaxPairs      int     `json:"max_pairs"`                // training pairs used at most; 0: all. Paper: all
	ValEvery      int     `json:"val_every"`                // steps between validations; 0: at the end of each epoch. Paper: 500
	// steps between checkpoints; 0: at the end of each epoch. Paper: 500 (on validating)
	CheckpointEvery int  `json:"checkpoint_every"`
	CheckpointKeep  bool `json:"checkpoint_keep,omitempty"` // keeps the checkpoints of a finished run, as in pretrain. Paper: false
	// Select is best: the model has the state of the lowest val_mse, or with another loss than mse, or a teacher, of the highest
	// val_spearman | last. Paper: best
	Select string `json:"select"`
}

// OfOrder reports whether the loss compares the pairs of a batch with each other, and so learns the order of their cosines and not
// the values. It is over a whole batch: the losses of parts of it do not add up.
func (t Finetune) OfOrder() bool { return t.Loss != "" && t.Loss != LossMSE }

// OrderSelects reports whether the best state is the one of the highest val_spearman: the values of the cosines are not trained
// towards the labels alone.
func (t Finetune) OrderSelects() bool { return t.OfOrder() || t.Teacher != "" }

// Ensemble is the settings of joining several models' embeddings.
type Ensemble struct {
	Members []int     `json:"members"` // which of the six, each once. Paper: 1 to 6
	Dim     int       `json:"dim"`     // floats a video after the SVD. Paper: 256, the competition's limit
	Weights []float64 `json:"weights"` // one a member, divided by their sum; empty: equal. Paper: equal
}

// Selections, labels, losses and compute types that a recipe may name; package competition has the splits.
const (
	SelectBest     = "best"
	SelectLast     = "last"
	LabelsRank     = "rank"
	LabelsRaw      = "raw"
	LossMSE        = "mse"
	CoSENT         = "cosent"
	SoftmaxPearson = "softmax_pearson"
	Float32        = "float32"
	BFloat16       = "bfloat16"
)

// Load returns the preset of that name, or else the recipe in the JSON file of that name. In a file an unknown or
// repeated key is an error. What it leaves out is as in the preset demo, or in the one that its key "preset" names.
// Values are not judged: call Validate once all are set.
func Load(nameOrFile string) (Recipe, error) {
	if r, ok := Preset(nameOrFile); ok {
		return r, nil
	}
	data, err := filetype.ReadFile(nameOrFile)
	if err != nil {
		if os.IsNotExist(err) && !strings.ContainsAny(nameOrFile, "./\\") {
			return Recipe{}, fmt.Errorf("recipe %q: neither a preset (%s) nor a file", nameOrFile, strings.Join(Presets(), ", "))
		}
		return Recipe{}, fmt.Errorf("recipe: %w", err)
	}
	r, err := Decode(data)
	if err != nil && !json.Valid(data) && filetype.What(data) == filetype.Text {
		return Recipe{}, fmt.Errorf("recipe %s: is text, no JSON; give a recipe, or a preset (%s)", nameOrFile,
			strings.Join(Presets(), ", "))
	}
	if err != nil {
		return Recipe{}, fmt.Errorf("recipe %s: %w%s", nameOrFile, err, filetype.Hint(data))
	}
	return r, nil
}

// Clone returns a recipe that shares nothing with r.
func (r Recipe) Clone() Recipe {
	if w := r.Pretrain.WeightTag; w != nil {
		r.Pretrain.WeightTag = new(*w)
	}
	r.Ensemble.Members = slices.Clone(r.Ensemble.Members)
	r.Ensemble.Weights = slices.Clone(r.Ensemble.Weights)
	return r
}

// ForStage leaves of a recipe the sections that a stage reads, model and that of its name: pretrain or finetune. The others are as
// in the preset demo, so that recipes that the stage cannot distinguish are equal.
func (r Recipe) ForStage(stage string) Recipe {
	usual, _ := Preset("demo")
	r = r.Clone()
	r.Ensemble = usual.Ensemble
	if stage == "pretrain" {
		r.Finetune = usual.Finetune
	} else {
		r.Pretrain = usual.Pretrain
	}
	return r
}

// Difference is one setting in which two recipes differ.
type Difference struct {
	Name    string // section.name
	Was, Is string // the two values, as JSON
}

func (d Difference) String() string { return fmt.Sprintf("%s was %s, is %s", d.Name, d.Was, d.Is) }

// Diff lists the settings in which other differs from r, in the order of the structs.
func (r Recipe) Diff(other Recipe) []Difference {
	var list []Difference
	theirs := other.fields()
	for i, f := range r.fields() {
		if was, is := f.json(), theirs[i].json(); was != is {
			list = append(list, Difference{f.full(), was, is})
		}
	}
	return list
}

// Equal reports whether no setting differs.
func (r Recipe) Equal(other Recipe) bool { return len(r.Diff(other)) == 0 }
