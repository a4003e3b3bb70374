// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
)

const (
	wordEmbeddings = "bert.embeddings.word_embeddings.weight"
	decoder        = "cls.predictions.decoder.weight"
)

// matched is a Hugging Face file compared with the model that is to be made of it.
type matched struct {
	config recipe.Model
	file   *weightFiles
	shapes map[string][]int
	from   map[string]string // weight of the model -> tensor of the file
	report Report
}

// match finds the tensor of every weight. All of bert.* must be there, in the shapes of the configuration.
func match(f *weightFiles, c recipe.Model) (*matched, error) {
	m := &matched{config: c, file: f, shapes: multimodal.Shapes(c), from: map[string]string{}}
	m.report = Report{Taken: []string{}, Created: []string{}, Skipped: []string{}, Notes: []string{}}
	var unprefixed, renamed int
	names := f.names()
	prefix := wrapper(names)
	for _, name := range names {
		to := modelName(strings.TrimPrefix(name, prefix))
		if _, ok := m.shapes[to]; !ok {
			reason, err := m.useless(to)
			if err != nil {
				return nil, fmt.Errorf("%s: tensor %s: %w", f.pathOf(name), name, err)
			}
			m.skip(name, reason)
			continue
		}
		if err := m.take(name, to); err != nil {
			return nil, fmt.Errorf("%s: %w", f.pathOf(name), err)
		}
		if strings.HasPrefix(to, "bert.") && !strings.HasPrefix(name, prefix+"bert.") {
			unprefixed++
		}
		if strings.HasSuffix(name, "LayerNorm.gamma") || strings.HasSuffix(name, "LayerNorm.beta") {
			renamed++
		}
	}
	for _, name := range multimodal.Names(c) {
		if _, ok := m.from[name]; !ok && strings.HasPrefix(name, "bert.") {
			return nil, fmt.Errorf("%s: no tensor %s, which config.json asks for%s", f.path, name, otherPrefix(names))
		}
	}
	if prefix != "" {
		m.note("all %d names of the file begin with %s, which a wrapper of the model put there and was taken off", len(names), prefix)
	}
	if unprefixed > 0 {
		m.note("%d names of the file were given the prefix bert.", unprefixed)
	}
	if renamed > 0 {
		m.note("%d LayerNorm tensors of the file are called gamma and beta there, here weight and bias", renamed)
	}
	return m, nil
}

// take records that the tensor name is the weight to. Of two tensors for one weight the bytes must be equal: BertForMaskedLM
// writes its tied bias under two names.
func (m *matched) take(name, to string) error {
	shape := m.file.shape(name)
	if want := m.shapes[to]; !slices.Equal(shape, want) {
		return fmt.Errorf("tensor %s has shape %v, config.json and the settings ask for %v", name, shape, want)
	}
	earlier, twice := m.from[to]
	if !twice {
		m.from[to] = name
		return nil
	}
	a, err := m.file.read(earlier)
	if err != nil {
		return err
	}
	b, err := m.file.read(name)
	if err != nil {
		return err
	}
	if a.DType != b.DType || !bytes.Equal(a.Data, b.Data) {
		return fmt.Errorf("tensors %s and %s are both %s and differ", earlier, name, to)
	}
	m.skip(name, "repeats "+earlier)
	return nil
}

func (m *matched) skip(name, reason string) {
	m.report.Skipped = append(m.report.Skipped, name+": "+reason)
}

func (m *matched) note(format string, args ...any) {
	m.report.Notes = append(m.report.Notes, fmt.Sprintf(format, args...))
}

// wrappers are the prefixes that PyTorch's wrappers of a model put before the names of all its weights: DataParallel, and compile.
var wrappers = []string{"module.", "_orig_mod."}

// wrapper is what wrappers have put before all names, "" where they have not.
func wrapper(names []string) (prefix string) {
	for again := len(names) > 0; again; {
		again = false
		for _, w := range wrappers {
			if !slices.ContainsFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix+w) }) {
				prefix, again = prefix+w, true
			}
		}
	}
	return prefix
}

// otherPrefix says, where a tensor is missing, what the names of the file begin with in its place.
func otherPrefix(names []string) string {
	for _, name := range names {
		if prefix, is := strings.CutSuffix(name, strings.TrimPrefix(wordEmbeddings, "bert.")); is && prefix != "" && prefix != "bert." {
			return fmt.Sprintf("; its names begin with %q instead", prefix)
		}
	}
	return ""
}

// modelName translates the name of a tensor in a Hugging Face file: BertModel omits the prefix, TensorFlow's names
// of LayerNorm remain in old files, and the bias of the masked-token decoder has two names.
func modelName(name string) string {
	for _, part := range []string{"embeddings.", "encoder.", "pooler."} {
		if strings.HasPrefix(name, part) {
			name = "bert." + name
		}
	}
	if s, ok := strings.CutSuffix(name, "LayerNorm.gamma"); ok {
		name = s + "LayerNorm.weight"
	}
	if s, ok := strings.CutSuffix(name, "LayerNorm.beta"); ok {
		name = s + "LayerNorm.bias"
	}
	if name == "cls.predictions.bias" {
		name = "cls.predictions.decoder.bias"
	}
	return name
}

// useless returns the reason why a tensor that is no weight of the model may be left out. A tensor of the encoder or its
// embeddings may not: the file would be another network than the one in config.json.
func (m *matched) useless(name string) (reason string, err error) {
	switch {
	case name == "bert.embeddings.position_ids", name == "bert.embeddings.token_type_ids":
		return "counts positions, has no weights", nil
	case strings.HasPrefix(name, "bert.pooler."):
		return "the model has no pooler", nil
	case strings.HasPrefix(name, "cls.seq_relationship."):
		return "the model has no next-sentence head", nil
	case strings.HasPrefix(name, "attention_pool."):
		return "pooling " + m.config.Pooling + " has no weights", nil
	case strings.HasPrefix(name, "bert."):
		return "", fmt.Errorf("is in no BERT of %d layers, as config.json describes it", m.config.NumHiddenLayers)
	}
	return "the model has no such part", nil
}
