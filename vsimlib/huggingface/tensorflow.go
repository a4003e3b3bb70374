// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vsim/vsimlib/run"
)

// checkpointIndex is a file of a TensorFlow checkpoint, as Google published BERT; what comes before it is the checkpoint's name.
var checkpointIndex = regexp.MustCompile(`^(.+\.ckpt(-\d+)?)\.(index|data-\d+-of-\d+)$`)

// fromTensorFlow turns a TensorFlow checkpoint, the first argument, into the files that Import reads. The third is their directory.
const fromTensorFlow = `python3 -c "import sys; from transformers import BertConfig, BertForPreTraining as B; ` +
	`from transformers.models.bert.modeling_bert import load_tf_weights_in_bert as load; ` +
	`c = BertConfig.from_json_file(sys.argv[2]); load(B(c), c, sys.argv[1]).save_pretrained(sys.argv[3])" %s %s %s`

// checkpointHint is the line that converts a TensorFlow checkpoint among the names of a directory; "" where there is none.
func checkpointHint(dir string, names []string) string {
	config := run.ConfigFile
	if slices.Contains(names, oldConfigFile) {
		config = oldConfigFile
	}
	for _, name := range names {
		parts := checkpointIndex.FindStringSubmatch(name)
		if parts == nil {
			continue
		}
		line := fmt.Sprintf(fromTensorFlow, shellQuoted(filepath.Join(dir, parts[1])), shellQuoted(filepath.Join(dir, config)),
			shellQuoted(dir))
		return name + " is of a TensorFlow checkpoint, which is not read; convert it once " +
			"(pip install 'transformers<5' tensorflow torch), then import again: " + line
	}
	return ""
}

// shellQuoted quotes a word for a shell.
func shellQuoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
