// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/safetensors"
)

// weightFiles are the tensors of model.safetensors, or of the shards that an index names.
type weightFiles struct {
	path  string // of the file or of the index
	files []*safetensors.File
	of    map[string]*safetensors.File // tensor -> its file
}

// openWeights opens the file at path, or, where path is an index, all shards.
func openWeights(path string) (*weightFiles, error) {
	w := &weightFiles{path: path, of: map[string]*safetensors.File{}}
	if !strings.HasSuffix(path, indexSuffix) {
		return w, w.add(path)
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := jsonfile.Read(path, &index); err != nil {
		return nil, err
	}
	if len(index.WeightMap) == 0 {
		return nil, fmt.Errorf("%s: has no weight_map, so nothing says which shard has which tensor", path)
	}
	shards := slices.Compact(slices.Sorted(maps.Values(index.WeightMap)))
	for _, shard := range shards {
		if shard != filepath.Base(shard) || strings.HasPrefix(shard, ".") || !strings.HasSuffix(shard, ".safetensors") {
			w.close()
			return nil, fmt.Errorf("%s: %q is not the name of a shard in this directory", path, shard)
		}
		if err := w.add(filepath.Join(filepath.Dir(path), shard)); err != nil {
			w.close()
			if errors.Is(err, os.ErrNotExist) {
				err = fmt.Errorf("%s: its shard %s is missing (of %d)", path, shard, len(shards))
			}
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(index.WeightMap)) {
		if f := w.of[name]; f == nil || filepath.Base(f.Path()) != index.WeightMap[name] {
			w.close()
			return nil, fmt.Errorf("%s: tensor %s is not in %s, where the index has it", path, name, index.WeightMap[name])
		}
	}
	return w, nil
}

// add opens one file.
func (w *weightFiles) add(path string) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	w.files = append(w.files, f)
	for _, name := range f.Names() {
		if other := w.of[name]; other != nil {
			return fmt.Errorf("%s: tensor %s is in %s too", path, name, other.Path())
		}
		w.of[name] = f
	}
	return nil
}

func (w *weightFiles) close() {
	for _, f := range w.files {
		_ = f.Close()
	}
}

// names are those of all tensors, sorted.
func (w *weightFiles) names() []string { return slices.Sorted(maps.Keys(w.of)) }

// shape is that of a tensor.
func (w *weightFiles) shape(name string) []int {
	_, shape, _ := w.of[name].Info(name)
	return shape
}

// read reads a tensor.
func (w *weightFiles) read(name string) (safetensors.Tensor, error) { return w.of[name].Read(name) }

// verify compares what was read with the checksums of files that vsim wrote.
func (w *weightFiles) verify() error {
	for _, f := range w.files {
		if err := f.Verify(); err != nil {
			return err
		}
	}
	return nil
}

// pathOf is the path of the file that has the tensor.
func (w *weightFiles) pathOf(name string) string { return w.of[name].Path() }
