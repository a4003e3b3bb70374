// SPDX-License-Identifier: Apache-2.0

package task

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
)

// kind is that of tasks' directories.
var kind = outdir.Kind{Name: "task"}

// Done reports whether the task has its result, and all files that it wrote are as its manifest says, also those of its run or
// corpus.
func (t *Task) Done() bool { return len(t.problems()) == 0 }

// problems are what does not hold of a task that should be done, or why it is not done.
func (t *Task) problems() []error {
	m, problems := manifest.ReadHeld(t.Dir)
	if m == nil {
		return problems
	}
	for name := range m.Files {
		if path.Base(name) == outdir.MarkerFile {
			_, inside := manifest.ReadHeld(filepath.Join(t.Dir, path.Dir(name)))
			problems = append(problems, inside...)
		}
	}
	return problems
}

// Damaged names, in a line each, what is missing or altered of a task that was done.
func (t *Task) Damaged() []string {
	problems := t.problems()
	joins := t.Kind == Embed || t.Kind == Ensemble // of these Adopt knows
	bare := errors.Is(errors.Join(problems...), manifest.ErrNone) && !jsonfile.Exists(t.path(outdir.MarkerFile))
	if bare && (joins || !jsonfile.Exists(t.dir().Result())) {
		return nil
	}
	var lines []string
	for _, err := range problems {
		lines = append(lines, err.Error())
	}
	return lines
}

// Adopt takes a task as done whose result an older version wrote, without a manifest, or whose process was killed between the two.
// It does so for embeddings and ensembles; of a run or a corpus the work itself finds that it is done. It reports whether it did.
func (t *Task) Adopt() (bool, error) {
	if _, err := manifest.Read(t.Dir); !errors.Is(err, manifest.ErrNone) || t.Kind != Embed && t.Kind != Ensemble {
		return false, nil
	}
	var r Result
	if jsonfile.Read(t.dir().Result(), &r) != nil || (t.Kind == Embed) != (r.Score != nil) {
		return false, nil
	}
	if t.Kind == Embed {
		if _, err := embeddings.Read(t.EmbeddingsFile()); err != nil {
			return false, nil
		}
	}
	if err := t.Begin(); err != nil {
		return false, err
	}
	return true, t.seal()
}

// seal writes the manifest of a task that is done.
func (t *Task) seal() error {
	names := []string{filepath.Base(t.dir().Result())}
	inside := []string{runFolder + "/" + outdir.MarkerFile, corpusFolder + "/" + outdir.MarkerFile}
	for _, name := range append(inside, taskFile, embeddingsFile) {
		if jsonfile.Exists(t.path(name)) {
			names = append(names, name)
		}
	}
	files, err := manifest.HashAll(t.Dir, names...)
	if err != nil {
		return fmt.Errorf("task: %w", err)
	}
	return manifest.Write(t.Dir, kind, files)
}

// Result reads the result of a task that is done.
func (t *Task) Result() (Result, error) {
	var r Result
	m, err := manifest.Read(t.Dir)
	if err != nil {
		return r, fmt.Errorf("task: %w; run the study again", err)
	}
	data, err := m.ReadFile(filepath.Base(t.dir().Result()))
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		return r, fmt.Errorf("task: %w; run the study again", err)
	}
	return r, nil
}

// Finish writes the result of the task, which is done from then on.
func (t *Task) Finish(r Result) error {
	if err := t.ForgetFailure(); err != nil {
		return err
	}
	if err := jsonfile.Write(t.dir().Result(), r); err != nil {
		return err
	}
	return t.seal()
}

// Failure is why the task failed the last time that it was run, in one line; "" where it did not.
func (t *Task) Failure() string {
	var f failure
	if jsonfile.Read(t.path(failedFile), &f) != nil || t.Done() { // few have failed, and to check what is done takes longer
		return ""
	}
	return f.Error
}
