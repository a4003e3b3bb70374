// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// conversion turns files of pickled weights, the arguments but for the last, into one of safetensors. It ends with an error where
// they have no tensors by name, as the state of an optimizer has none. clone because tied weights share memory, which the format
// has not.
const conversion = `python3 -c "import sys, torch; from safetensors.torch import save_file; ` +
	`load = lambda f: torch.load(f, map_location='cpu', weights_only=True); ` +
	`t = {k: v.clone().contiguous() for f in sys.argv[1:-1] for d in [load(f)] ` +
	`for k, v in d.get('state_dict', d).items() if torch.is_tensor(v)}; ` +
	`t or sys.exit('no weights in ' + ', '.join(sys.argv[1:-1])); save_file(t, sys.argv[-1], {'format': 'pt'})" %s`

// trainerState are the names of pickles that a trainer saves with a model and that are no weights of it.
var trainerState = regexp.MustCompile(
	`(?i)^(optimizer|optim|scheduler|lr_scheduler|rng_state|random_states|training_args|scaler)|optim_states`)

// pickleShard is a shard of pickled weights.
var pickleShard = regexp.MustCompile(`^pytorch_model-\d+-of-\d+\.bin$`)

// pickled reports whether a file has the name of a pickle.
func pickled(name string) bool {
	return slices.Contains([]string{".bin", ".pt", ".pth", ".ckpt"}, filepath.Ext(name))
}

// pickles are, of the names in a directory, the pickles that have the weights: pytorch_model.bin, else its shards, else the first
// by name that is not a trainer's state.
func pickles(names []string) []string {
	if slices.Contains(names, pickleFile) {
		return []string{pickleFile}
	}
	var shards, others []string
	for _, name := range names {
		switch {
		case pickleShard.MatchString(name):
			shards = append(shards, name)
		case pickled(name) && !trainerState.MatchString(name) && !strings.HasPrefix(name, "adapter_model"):
			others = append(others, name)
		}
	}
	if len(shards) > 0 {
		return shards
	}
	return others[:min(1, len(others))]
}

// refusePickled is the error of pickled weights, which can run any code when they are read, with the line that converts them.
func refusePickled(paths []string, to string) error {
	var words []string
	for _, path := range append(slices.Clone(paths), to) {
		words = append(words, shellQuoted(path))
	}
	return fmt.Errorf("%s: pickled weights can run code when they are read and are not; convert them once, then import again: %s",
		strings.Join(paths, ", "), fmt.Sprintf(conversion, strings.Join(words, " ")))
}
