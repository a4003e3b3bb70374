// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// Stored is a task as its directory has it, for those who find the directory without the study that planned it.
type Stored struct {
	Dir   string
	Key   string // "" where the directory was renamed
	Kind  Kind
	Needs []string // keys of other tasks
	Part  string   // of the corpus, of Embed
	// Failure is why the task failed the last time, in one line; "" where it did not.
	Failure string
	// Result is nil where there is none. It is not compared with the manifest: Task.Result does that.
	Result *Result
}

// ReadStored reads the task in a directory; ok is false where it has none.
func ReadStored(dir string) (t Stored, ok bool) {
	var c struct {
		Kind  Kind     `json:"kind"`
		Needs []string `json:"needs"`
		Work  struct {
			Part string `json:"part"`
		} `json:"work"`
	}
	if jsonfile.Read(filepath.Join(dir, taskFile), &c) != nil || c.Kind == "" {
		return t, false
	}
	t = Stored{Dir: dir, Kind: c.Kind, Needs: c.Needs, Part: c.Work.Part}
	t.Key, _ = strings.CutPrefix(filepath.Base(dir), string(c.Kind)+"-")
	var f failure
	if jsonfile.Read(filepath.Join(dir, failedFile), &f) == nil {
		t.Failure = f.Error
	}
	var r Result
	if jsonfile.Read(run.Dir(dir).Result(), &r) == nil {
		t.Result = &r
	}
	return t, true
}

// RunOf returns the run directory of the task in dir.
func RunOf(dir string) run.Dir { return (&Task{Dir: dir}).Run() }

// Remove removes the files of a training's task from its directory, and the directory where nothing else is in it; its run must be
// removed already. left lists what stays.
func (t Stored) Remove() (left []string, err error) {
	if t.Kind != Pretrain && t.Kind != Finetune {
		return nil, fmt.Errorf("task: %s: is a task of kind %q, not a training", t.Dir, t.Kind)
	}
	unlock, err := run.Dir(t.Dir).Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	files := outdir.Kind{Name: kind.Name, Files: []string{filepath.Base(run.Dir("").Result()), failedFile, taskFile}}
	if err := outdir.Clear(t.Dir, files); err != nil {
		return nil, err
	}
	return outdir.Leave(t.Dir)
}
