// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
)

// Files that weights are in, in the order in which transformers looks for them.
const (
	indexSuffix = ".index.json"
	indexFile   = run.WeightsFile + indexSuffix
	pickleFile  = "pytorch_model.bin"
	pickleIndex = pickleFile + indexSuffix
)

// find returns the path of the directory's weights, model.safetensors or the index of its shards. Where there are none, the error
// says what was found and what to do.
func find(dir string) (string, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s: no such file or directory%s", dir, hubHint(dir))
	}
	if err != nil {
		return "", fmt.Errorf("import: %w", err)
	}
	if !info.IsDir() {
		if pickled(dir) {
			return "", refusePickled([]string{dir}, filepath.Join(filepath.Dir(dir), run.WeightsFile))
		}
		return "", fmt.Errorf("%s: is no directory; give the one that has %s, %s and %s", dir, run.ConfigFile, run.WeightsFile,
			run.VocabFile)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("import: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for _, name := range []string{run.WeightsFile, indexFile} {
		if slices.Contains(names, name) {
			return filepath.Join(dir, name), nil // what is wrong with it, openWeights says
		}
	}
	if list := pickles(names); len(list) > 0 {
		for i, name := range list {
			list[i] = filepath.Join(dir, name)
			if err := notFetched(list[i]); err != nil {
				return "", err
			}
		}
		return "", refusePickled(list, filepath.Join(dir, run.WeightsFile))
	}
	return "", fmt.Errorf("%s: %s", dir, found(dir, names))
}

// notFetched returns an error where a file of weights is what a download left in its place: converting it would fail.
func notFetched(path string) error {
	f, err := filetype.Open(path)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	prefix := make([]byte, filetype.Prefix)
	n, _ := io.ReadFull(f, prefix) // a short file is looked at as it is
	switch filetype.LooksLike(prefix[:n]) {
	case filetype.LFSPointer, filetype.HTML, filetype.Empty:
		return fmt.Errorf("%s: has no weights%s", path, filetype.Hint(prefix[:n]))
	}
	return nil
}

// hubName is a name of a model on the Hugging Face hub: OWNER/NAME.
var hubName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/([A-Za-z0-9][\w.-]*)$`)

// hubHint is the way to a model that was given by its name on the hub.
func hubHint(dir string) string {
	parts := hubName.FindStringSubmatch(dir)
	if parts == nil {
		return ""
	}
	return fmt.Sprintf("; if it is a model of the Hugging Face hub: hf download %s --local-dir %s, then import --hf %s", dir,
		parts[1], parts[1])
}

// Names of weights that other programs than PyTorch with safetensors read, and what is in them.
var otherWeights = []struct {
	name *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`^adapter_model\.`), "is an adapter (LoRA) and no model; " +
		"merge it into its model (merge_and_unload of peft), save that and import it"},
	{regexp.MustCompile(`^tf_model.*\.h5$`), "has TensorFlow's weights, which are not read; " + otherDownload},
	{regexp.MustCompile(`^flax_model.*\.msgpack$`), "has Flax's weights, which are not read; " + otherDownload},
	{regexp.MustCompile(`\.(onnx|gguf|ggml|mlmodel|tflite)$`), "is a model for inference only, which is not read; " + otherDownload},
	{regexp.MustCompile(`-\d+-of-\d+\.safetensors$`), "is a shard, and " + indexFile +
		", which says what is in which shard, is missing"},
	{regexp.MustCompile(`\.safetensors$`), "is not named " + run.WeightsFile + "; rename it where it has the model's weights"},
}

const otherDownload = "of most models the hub has " + run.WeightsFile + " or " + pickleFile +
	" too: hf download OWNER/NAME --local-dir DIR"

// found says what a directory without weights that can be read has instead.
func found(dir string, names []string) string {
	if hint := checkpointHint(dir, names); hint != "" {
		return hint
	}
	for _, other := range otherWeights {
		for _, name := range names {
			if other.name.MatchString(name) {
				return name + " " + other.what
			}
		}
	}
	for _, pattern := range []string{"*", filepath.Join("snapshots", "*")} { // the second in the hub's own cache
		folders, _ := filepath.Glob(filepath.Join(globQuoted(dir), pattern))
		for _, folder := range folders {
			for _, name := range []string{run.WeightsFile, indexFile, pickleFile, pickleIndex} {
				if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
					return fmt.Sprintf("has no %s; %s has the model: import --hf %s", run.WeightsFile, folder, folder)
				}
			}
		}
	}
	if len(names) == 0 {
		return "is empty"
	}
	return fmt.Sprintf("has no %s, no %s and no %s, only %s", run.WeightsFile, indexFile, pickleFile, text.Few(names, 8))
}

// globQuoted quotes the wildcards of a path for filepath.Glob.
func globQuoted(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
