// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// NewStore returns a store with freshly drawn weights, a function of the configuration and the seed.
func NewStore(c recipe.Model, seed int64) (*model.Store, error) {
	return storeOf(c, func(name string, shape []int) ([]float32, error) { return Initial(c, name, shape, seed), nil })
}

func storeOf(c recipe.Model, values func(name string, shape []int) ([]float32, error)) (*model.Store, error) {
	store := model.NewStore()
	shapes := Shapes(c)
	for _, name := range Names(c) {
		v, err := values(name, shapes[name])
		if err != nil {
			return nil, err
		}
		t := tensors.FromFlatDataAndDimensions(v, shapes[name]...)
		if _, err := store.CreateVariable(model.ScopeSeparator+name, t); err != nil {
			return nil, fmt.Errorf("multimodal: weight %s: %w", name, err)
		}
	}
	return store, nil
}

// Load reads a model directory. Every weight of the configuration must be there in its shape, finite and as its checksum says, and
// nothing else; where a manifest lists the directory, its files must be as that says.
func Load(dir string) (recipe.Model, *model.Store, error) {
	if err := checkManifest(dir); err != nil {
		return recipe.Model{}, nil, err
	}
	return LoadFiles(dir)
}

// LoadFiles is Load without the manifest.
func LoadFiles(dir string) (recipe.Model, *model.Store, error) {
	c, err := recipe.ReadModelConfig(filepath.Join(dir, run.ConfigFile))
	if err != nil {
		return c, nil, err
	}
	path := filepath.Join(dir, run.WeightsFile)
	f, err := safetensors.Open(path)
	if err != nil {
		return c, nil, err
	}
	defer f.Close()
	if err := matches(f, Shapes(c), path); err != nil {
		return c, nil, err
	}
	store, err := storeOf(c, func(name string, _ []int) ([]float32, error) {
		t, err := f.Read(name)
		if err != nil {
			return nil, err
		}
		values, err := safetensors.Float32s(t)
		if err != nil {
			return nil, fmt.Errorf("%s: tensor %s: %w", path, name, err)
		}
		return values, finite(values, path, name)
	})
	if err == nil {
		err = f.Verify()
	}
	return c, store, err
}

// finite is an error where a weight is NaN or infinite: every loss and every embedding would be so too.
func finite(values []float32, path, name string) error {
	for i, v := range values {
		if v-v != 0 {
			return fmt.Errorf("%s: tensor %s: element %d is %g; take another model or make it again", path, name, i, v)
		}
	}
	return nil
}

// matches compares a weight file's tensors with the shapes that the configuration asks for.
func matches(f *safetensors.File, want map[string][]int, path string) error {
	for name, shape := range want {
		_, got, ok := f.Info(name)
		if !ok {
			return fmt.Errorf("%s: no tensor %s, which config.json asks for", path, name)
		}
		if !slices.Equal(got, shape) {
			return fmt.Errorf("%s: tensor %s has shape %v, config.json asks for %v", path, name, got, shape)
		}
	}
	for _, name := range f.Names() {
		if _, ok := want[name]; !ok {
			return fmt.Errorf("%s: tensor %s belongs to no part of the model that config.json describes", path, name)
		}
	}
	return nil
}

// Weights copies the model's weights to the host, in the order of their names.
func Weights(c recipe.Model, store *model.Store) ([]safetensors.Tensor, error) {
	var out []safetensors.Tensor
	shapes := Shapes(c)
	for _, name := range Names(c) {
		v := store.GetVariable(model.ScopeSeparator + name)
		if v == nil {
			return nil, fmt.Errorf("multimodal: the store has no weight %s", name)
		}
		value, err := v.Value()
		if err != nil {
			return nil, fmt.Errorf("multimodal: weight %s: %w", name, err)
		}
		flat, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return nil, fmt.Errorf("multimodal: weight %s: %w", name, err)
		}
		out = append(out, safetensors.FromFloat32(name, shapes[name], flat))
	}
	return out, nil
}

// Save writes a model directory: config.json, vocab.txt (a copy of the file vocab), tokenizer_config.json and, last,
// model.safetensors. Each file appears whole or not at all. AutoModel and AutoTokenizer of transformers load the directory; of the
// model they take the text side.
func Save(dir string, c recipe.Model, weights []safetensors.Tensor, vocab string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("multimodal: %w", err)
	}
	words, err := filetype.ReadFile(vocab)
	if err != nil {
		return fmt.Errorf("multimodal: vocabulary: %w", err)
	}
	if err := atomicfile.WriteData(filepath.Join(dir, run.VocabFile), words); err != nil {
		return err
	}
	sum := sha256.Sum256(words)
	v := recipe.Vocabulary{Bytes: int64(len(words)), SHA256: hex.EncodeToString(sum[:])}
	if err := recipe.WriteModelConfigWith(filepath.Join(dir, run.ConfigFile), c, v); err != nil {
		return err
	}
	if err := jsonfile.Write(filepath.Join(dir, run.TokenizerConfigFile), tokenizerConfig(c)); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, run.WeightsFile), func(w io.Writer) error {
		return safetensors.WriteSummed(w, weights, map[string]string{"format": "pt"})
	})
}

// tokenizerConfig is what transformers must know to cut text as package tokenizer does.
func tokenizerConfig(c recipe.Model) any {
	return struct {
		Class        string `json:"tokenizer_class"`
		LowerCase    bool   `json:"do_lower_case"`
		StripAccents *bool  `json:"strip_accents"` // as do_lower_case where null
		Chinese      bool   `json:"tokenize_chinese_chars"`
		Length       int    `json:"model_max_length"`
		Pad          string `json:"pad_token"`
		Unknown      string `json:"unk_token"`
		CLS          string `json:"cls_token"`
		SEP          string `json:"sep_token"`
		Mask         string `json:"mask_token"`
	}{"BertTokenizer", true, nil, true, c.MaxPositionEmbeddings, "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
}
