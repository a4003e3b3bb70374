// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/study/task"
)

// Need is what a run is needed for.
type Need struct {
	Dir string `json:"dir"` // the run
	By  string `json:"by"`  // the directory of a run or of a task
	Why string `json:"why"`
}

// Error is the need as the reason not to remove the run.
func (n Need) Error() string { return fmt.Sprintf("%s: %s %s", n.Dir, n.By, n.Why) }

// Removed is a run that is, or is to be, removed.
type Removed struct {
	Dir   string   `json:"dir"`
	Bytes int64    `json:"bytes"`
	Left  []string `json:"left"` // names of the user's own files, which stay

	models []string // sha256 of its model: that of the data, and the one that older versions wrote
	init   string
	task   *task.Stored // nil: the run belongs to no study
}

// Removal is runs that are to be removed, those that started from others of them first.
type Removal struct {
	Runs  []Removed `json:"removed"`
	Needs []Need    `json:"needs"`
}

// Plan looks at runs that are to be removed; the task of a study stands for its run. What else needs them is looked for in and
// below the directories among. A directory that is no run of vsim, that a process has, or that has a link on the way to a file of
// the run, is an error. Nothing is changed.
func Plan(ctx context.Context, dirs, among []string) (Removal, error) {
	p := Removal{Runs: []Removed{}, Needs: []Need{}}
	for _, dir := range dirs {
		r, err := target(filepath.Clean(dir))
		if err != nil {
			return p, err
		}
		if !slices.ContainsFunc(p.Runs, func(other Removed) bool { return filetype.Same(other.Dir, r.Dir) }) {
			p.Runs = append(p.Runs, r)
		}
	}
	for _, dir := range among {
		l, err := Scan(ctx, dir)
		if err != nil {
			return p, err
		}
		p.addNeeds(l)
	}
	p.Runs = startedFirst(p.Runs)
	return p, nil
}

// startedFirst puts runs that started from others of a list before these, and leaves the order of all else.
func startedFirst(list []Removed) []Removed {
	ordered, seen := []Removed{}, make([]bool, len(list))
	var add func(i int)
	add = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for j, other := range list {
			if slices.Contains(list[i].models, other.init) {
				add(j)
			}
		}
		ordered = append(ordered, list[i])
	}
	for i := range list {
		add(i)
	}
	return ordered
}

// target is the run in a directory, or of the task in it.
func target(dir string) (Removed, error) {
	r := Removed{Dir: dir, Left: []string{}}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return r, fmt.Errorf("%s: %w", dir, atomicfile.Cause(err))
	case info.Mode()&fs.ModeSymlink != 0:
		return r, fmt.Errorf("%s: is a link; give the directory itself", dir)
	}
	if t, ok := task.ReadStored(dir); ok && (t.Kind == task.Pretrain || t.Kind == task.Finetune) {
		r.Dir, r.task = string(task.RunOf(dir)), &t
	} else if t, ok := task.ReadStored(filepath.Dir(dir)); ok && filetype.Same(string(task.RunOf(t.Dir)), dir) {
		r.task = &t
	}
	name, err := outdir.NameOf(r.Dir, run.Kind)
	switch {
	case err != nil:
		return r, err
	case name == "":
		return r, fmt.Errorf("%s: is no run of vsim, which removes nothing else", r.Dir)
	case name != run.Kind.Name:
		return r, fmt.Errorf("%s: is a %s of vsim, not a run", r.Dir, name)
	}
	if r.task != nil {
		if err := run.Dir(r.task.Dir).Refused(); err != nil {
			return r, err
		}
	}
	if one, err := Read(r.Dir); err == nil {
		r.init = one.Init
	}
	r.Bytes, r.models = checkpoint.Size(r.Dir), models(run.Dir(r.Dir))
	if err := outdir.Clearable(r.Dir, run.Kind); err != nil {
		return r, err
	}
	return r, run.Dir(r.Dir).Refused()
}

// models are the checksums by which other runs name the model of a run.
func models(dir run.Dir) (sums []string) {
	if sum, err := safetensors.DataHash(filepath.Join(dir.Model(), run.WeightsFile)); err == nil {
		sums = append(sums, sum)
	}
	if m, err := manifest.Read(string(dir)); err == nil {
		if file, ok := m.Files[filepath.Base(dir.Model())+"/"+run.WeightsFile]; ok {
			sums = append(sums, file.SHA256)
		}
	}
	return sums
}

// addNeeds adds what of a listing needs the runs, besides the runs themselves. A run of a study needs no other reason.
func (p *Removal) addNeeds(l Listing) {
	goes := func(dir string) bool {
		return slices.ContainsFunc(p.Runs, func(r Removed) bool { return filetype.Same(r.Dir, dir) })
	}
	add := func(n Need) {
		if !slices.ContainsFunc(p.Needs, func(other Need) bool { return filetype.Same(other.By, n.By) && other.Dir == n.Dir }) {
			p.Needs = append(p.Needs, n)
		}
	}
	for _, r := range p.Runs {
		if r.task != nil {
			add(Need{r.Dir, r.task.Dir, "is the task of a study that has it"})
			for _, t := range l.needing[r.task.Key] {
				add(Need{r.Dir, t.Dir, "is the task of a study that needs its model"})
			}
		}
		for _, other := range l.Runs {
			if other.Init != "" && slices.Contains(r.models, other.Init) && !goes(other.Dir) {
				add(Need{r.Dir, other.Dir, "started from its model"})
			}
		}
	}
}

// Do removes the runs, whatever needs them, and the tasks of studies that had them, which are not done then. Files of the user's
// stay, with their folder.
func (p *Removal) Do(ctx context.Context) error {
	for i := range p.Runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := &p.Runs[i]
		left, err := run.Dir(r.Dir).Remove()
		if err != nil {
			return err
		}
		r.Left = append(r.Left, left...)
		if r.task == nil {
			continue
		}
		left, err = r.task.Remove()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		r.Left = append(r.Left, slices.DeleteFunc(left, func(name string) bool { return name == filepath.Base(r.Dir) })...)
	}
	return nil
}
