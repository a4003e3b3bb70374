// SPDX-License-Identifier: Apache-2.0

package run

import (
	"encoding/json"
	"errors"
	"os"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/outdir"
)

// Kind is that of run directories. The result goes first and the recipe last: what a Clear that was stopped half way leaves is
// still a run that can be gone on with or cleared.
var Kind = outdir.Kind{Name: "run",
	Files: []string{
		"result.json",
		"model/" + WeightsFile, "model/" + ConfigFile, "model/" + VocabFile, "model/" + TokenizerConfigFile,
		"model/" + CardFile,
		// A checkpoint, or one that is being written or replaced; see package checkpoint.
		"checkpoints/*-[0-9]*/manifest.json", "checkpoints/*-[0-9]*/*.safetensors", "checkpoints/*-[0-9]*/state.json",
		"metrics.jsonl", "identity.json", "recipe.json",
	},
	Made: func(dir string) bool {
		var id struct {
			Stage string `json:"stage"`
		}
		data, err := filetype.ReadFile(Dir(dir).Identity())
		return err == nil && json.Unmarshal(data, &id) == nil && id.Stage != ""
	}}

// ModelFiles are the files of a model directory, the weights last: with them it is whole.
var ModelFiles = []string{ConfigFile, VocabFile, TokenizerConfigFile, CardFile, WeightsFile}

// ModelKind is that of imported model directories. Those of older versions have no marker and cannot be distinguished from the
// user's own.
var ModelKind = outdir.Kind{Name: "model", Files: []string{WeightsFile, ConfigFile, VocabFile, TokenizerConfigFile, CardFile}}

// Clear removes what a run has left in the directory, and nothing else, so that the next one starts afresh. It is refused
// while another process has the directory.
func (d Dir) Clear() error {
	if _, err := os.Lstat(string(d)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	unlock, err := d.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	return outdir.Clear(string(d), Kind)
}

// Remove removes what a run has left in the directory, its marker and its lock, and the directory where nothing else is in it. left
// lists what is. It is refused while another process has the directory.
func (d Dir) Remove() (left []string, err error) {
	unlock, err := d.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := outdir.Clear(string(d), Kind); err != nil {
		return nil, err
	}
	return outdir.Leave(string(d))
}
