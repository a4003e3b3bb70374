// SPDX-License-Identifier: Apache-2.0

// Package arithmetic numbers what the stages compute. The number of a stage is a hash of the trace (step.Trace) of its step on a
// fixed small batch with a small model: the programs that XLA would compile, and the arrays that they take, so also how batches are
// built and masked, how fresh weights and dropout are drawn and how the learning rate rises. It depends on the choices of a recipe,
// such as losses, poolings and data type, and not on its amounts, such as sizes, rates and seeds, as these are written next to it.
// An edit that changes what is computed changes the number, an edit of names and comments does not. A GPU has other programs
// than a CPU, and so numbers of its own. Numbers need no plugin and no device.
//
// Sorting, scores, the SVD of ensembles, what only large shapes take (biases of more than 16,384 columns in package bert), the
// rounding of weights before they are embedded with, and how steps are sent ahead are not part of any number.
package arithmetic

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lowering"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
)

// Pretrain is the number of pretraining under a recipe on a kind of device (backends.Kind). For backends.Any it is those of a CPU
// and of a GPU.
func Pretrain(kind string, r recipe.Recipe) (string, error) {
	s := small(r)
	return number("pretrain", kind, []any{s.Model, s.Pretrain}, func(w io.Writer, kind string) error {
		return pretraining(w, kind, s, nil)
	})
}

// Finetune is the number of finetuning under a recipe, with the embedding that it validates with.
func Finetune(kind string, r recipe.Recipe) (string, error) {
	s := small(r)
	return number("finetune", kind, []any{s.Model, s.Finetune}, func(w io.Writer, kind string) error {
		if err := finetuning(w, kind, s, nil); err != nil {
			return err
		}
		return embedding(w, kind, s.Model)
	})
}

// Embed is the number of embedding with a model.
func Embed(kind string, m recipe.Model) (string, error) {
	s := small(recipe.Recipe{Model: m})
	return number("embed", kind, []any{s.Model}, func(w io.Writer, kind string) error { return rowEmbedding(w, kind, s.Model) })
}

// numbers are those that this process has computed.
var numbers = struct {
	sync.Mutex
	of map[string]string
}{of: map[string]string{}}

// number returns the hash of what trace writes for a kind of device. The settings are those on which it depends. All kinds but CUDA
// have the programs of a CPU.
func number(stage, kind string, settings []any, trace func(w io.Writer, kind string) error) (string, error) {
	switch kind {
	case backends.CUDA:
	case backends.Any:
		cpu, err := number(stage, backends.CPU, settings, trace)
		if err != nil {
			return "", err
		}
		gpu, err := number(stage, backends.CUDA, settings, trace)
		return cpu + " " + gpu, err
	default:
		kind = backends.CPU
	}
	key, err := json.Marshal(append([]any{stage, kind}, settings...))
	if err != nil {
		return "", fmt.Errorf("arithmetic: %w", err)
	}
	numbers.Lock()
	defer numbers.Unlock()
	if n, ok := numbers.of[string(key)]; ok {
		return n, nil
	}
	h := sha256.New()
	if err = trace(h, kind); errors.Is(err, lowering.ErrNoXLA) {
		h = sha256.New()
		err = executable(h)
	}
	if err != nil {
		return "", fmt.Errorf("arithmetic of %s: %w", stage, own.Plain(err))
	}
	n := hex.EncodeToString(h.Sum(nil)[:8])
	numbers.of[string(key)] = n
	return n, nil
}

// executable is what stands for the trace in a build without XLA, which cannot lower programs: the program itself, so that every
// build has numbers of its own.
func executable(h hash.Hash) error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := filetype.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = io.Copy(h, f)
	return err
}

// change alters an objective, in tests.
type change func(step.Objective) step.Objective

// pretraining traces a step of pretraining.
func pretraining(w io.Writer, kind string, r recipe.Recipe, alter change) error {
	store, err := multimodal.NewStore(r.Model, r.Pretrain.Seed)
	if err != nil {
		return err
	}
	builder, err := step.PretrainBuilder(r, 1, tokens, tags)
	if err != nil {
		return err
	}
	videos := smallVideos(r.Pretrain.Batch)
	parts, err := step.PretrainParts(builder, r.Pretrain, 0, videos, nil)
	if err != nil {
		return err
	}
	batch, err := step.NewPretrainBatch(r.Pretrain, parts)
	if err != nil {
		return err
	}
	c := step.PretrainConfig(r, step.Devices{}, store)
	c.Optim = step.PretrainOptim(r, schedule)
	if alter != nil {
		c.Objective = alter(c.Objective)
	}
	return step.Trace(w, kind, c, batch)
}

// finetuning traces a step of finetuning.
func finetuning(w io.Writer, kind string, r recipe.Recipe, alter change) error {
	store, err := multimodal.NewStore(r.Model, r.Pretrain.Seed)
	if err != nil {
		return err
	}
	builder, err := newBuilder(r.Model)
	if err != nil {
		return err
	}
	videos := smallVideos(2 * r.Finetune.Batch)
	target := make([]float32, r.Finetune.Batch)
	for i := range target {
		target[i] = float32(i) / float32(len(target))
	}
	var teacher []float32
	if r.Finetune.Teacher != "" {
		teacher = target
	}
	parts, err := step.PairParts(builder, r.Finetune, videos[:len(target)], videos[len(target):], target, teacher)
	if err != nil {
		return err
	}
	c := step.FinetuneConfig(r, step.Devices{}, store)
	c.Optim = step.FinetuneOptim(r, schedule)
	if alter != nil {
		c.Objective = alter(c.Objective)
	}
	return step.Trace(w, kind, c, step.NewPairBatch(parts))
}

// embedding traces the embedding of a batch of finetuning's validation.
func embedding(w io.Writer, kind string, m recipe.Model) error {
	return lower(w, kind, m, func(backend compute.Backend, store *model.Store, builder *batch.Builder) error {
		videos := smallVideos(smallBatch)
		embedder, err := multimodal.NewEmbedder(backend, store, m, builder, len(videos))
		if err != nil {
			return err
		}
		defer embedder.Close()
		in, err := builder.Inputs(videos)
		if err != nil {
			return err
		}
		for _, f := range in.Fields(in.Packed()) {
			if err := step.TraceArray(w, *f.At); err != nil {
				return err
			}
		}
		_, err = embedder.Embed(in)
		return lowered(err)
	})
}

// rowEmbedding traces the embedding of records: a batch of each length of their rows.
func rowEmbedding(w io.Writer, kind string, m recipe.Model) error {
	return lower(w, kind, m, func(backend compute.Backend, store *model.Store, builder *batch.Builder) error {
		embedder, err := multimodal.NewRowEmbedder(backend, store, m, builder, smallBatch)
		if err != nil {
			return err
		}
		defer embedder.Close()
		lengths := map[int][]corpus.Video{}
		for _, v := range smallVideos(smallBatch) {
			length := embedder.Length(&v)
			lengths[length] = append(lengths[length], v)
		}
		for _, length := range slices.Sorted(maps.Keys(lengths)) {
			arrays, err := embedder.Arrays(lengths[length], length)
			if err != nil {
				return err
			}
			for _, a := range arrays {
				if err := step.TraceArray(w, a.(*tensors.Tensor)); err != nil {
					return err
				}
			}
			_, err = embedder.Embed(lengths[length], length)
			if err := lowered(err); err != nil {
				return err
			}
		}
		return nil
	})
}

// lower calls embed with what embedders of a fresh model are made of, and writes the programs that were lowered.
func lower(w io.Writer, kind string, m recipe.Model, embed func(compute.Backend, *model.Store, *batch.Builder) error) error {
	backend, err := lowering.New(kind)
	if err != nil {
		return err
	}
	store, err := multimodal.NewStore(m, 1)
	if err != nil {
		return err
	}
	builder, err := newBuilder(m)
	if err != nil {
		return err
	}
	if err := embed(backend, store, builder); err != nil {
		return err
	}
	_, err = w.Write(bytes.Join(backend.Programs(), nil))
	return err
}

// lowered is nil where an embedding ended as that of a backend that lowers.
func lowered(err error) error {
	if errors.Is(err, lowering.ErrLowered) {
		return nil
	}
	return fmt.Errorf("the embedding cannot be lowered: %w", err)
}
