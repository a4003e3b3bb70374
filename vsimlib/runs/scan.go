// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/study/task"
)

// Listing is what Scan found.
type Listing struct {
	Dir    string   `json:"dir"`
	Runs   []Run    `json:"runs"` // in the order of their paths
	Passed []Passed `json:"passed_over"`

	tasks   map[string]task.Stored   // of studies, by the path that the run of a training has
	needing map[string][]task.Stored // those that need the task of a key
	bases   bases
}

// Passed is a directory that was passed over.
type Passed struct {
	Dir string `json:"dir"`
	Why string `json:"why"`
	// Foreign marks a directory without a training; others are runs that cannot be read.
	Foreign bool `json:"foreign"`
}

// Scan finds the runs in and below a directory. It reads no weights. What cannot be read, and what holds nothing of vsim, is passed
// over and named. Hidden directories and links are not followed.
func Scan(ctx context.Context, dir string) (Listing, error) {
	l := Listing{Dir: filepath.Clean(dir), Runs: []Run{}, Passed: []Passed{}, tasks: map[string]task.Stored{},
		needing: map[string][]task.Stored{}, bases: bases{}}
	info, err := os.Stat(l.Dir)
	switch {
	case err != nil:
		return l, fmt.Errorf("%s: %w; give the directory of your runs", dir, atomicfile.Cause(err))
	case !info.IsDir():
		return l, fmt.Errorf("%s: is not a directory", dir)
	}
	if _, err := l.visit(ctx, l.Dir); err != nil {
		return l, err
	}
	for i := range l.Runs {
		l.addStudy(&l.Runs[i])
	}
	return l, nil
}

// ScanAll is Scan of several directories as one listing, or of usual where there is none.
func ScanAll(usual string, dirs ...string) (all Listing, err error) {
	if len(dirs) == 0 {
		dirs = []string{usual}
	}
	for i, dir := range dirs {
		l, err := Scan(context.Background(), dir)
		if err != nil {
			return all, err
		}
		if i == 0 {
			all = l
			continue
		}
		all.Dir, all.Runs, all.Passed = "", append(all.Runs, l.Runs...), append(all.Passed, l.Passed...)
	}
	return all, nil
}

// visit looks at a directory and all below it, and reports whether vsim wrote anything of it. Of directories without a training,
// those of the highest level are named.
func (l *Listing) visit(ctx context.Context, dir string) (ours bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.pass(dir, atomicfile.Cause(err).Error(), false)
		return true, nil
	}
	is := l.look(dir)
	ours = is != isForeign || len(entries) == 0
	var foreign []string
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || is == isRun && inRun(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		below, err := l.visit(ctx, path)
		if err != nil {
			return false, err
		}
		if ours = ours || below; !below {
			foreign = append(foreign, path)
		}
	}
	if is != isOther && (ours || dir == l.Dir) { // the parts of a corpus belong to it
		for _, path := range foreign {
			l.pass(path, "has no training", true)
		}
	}
	return ours, nil
}

func (l *Listing) pass(dir, why string, foreign bool) {
	l.Passed = append(l.Passed, Passed{dir, why, foreign})
}

// What a directory is.
type what int

const (
	isForeign what = iota
	isRun
	isOther // of vsim, but no run
)

// look reads the run or task of a directory, where it has one.
func (l *Listing) look(dir string) what {
	if t, ok := task.ReadStored(dir); ok {
		l.tasks[filepath.Clean(string(task.RunOf(dir)))] = t
		for _, key := range t.Needs {
			l.needing[key] = append(l.needing[key], t)
		}
		return isOther
	}
	switch name, err := outdir.NameOf(dir, run.Kind); {
	case err != nil:
		l.pass(dir, err.Error(), false)
		return isOther
	case name == "":
		return isForeign
	case name != run.Kind.Name:
		return isOther
	}
	if !jsonfile.Exists(run.Dir(dir).Identity()) {
		if _, err := manifest.Read(dir); errors.Is(err, manifest.ErrNone) {
			return isOther // marked, and stopped before anything else
		}
	}
	r, err := read(dir, l.bases)
	if err != nil {
		l.pass(dir, err.Error(), false)
	} else {
		l.Runs = append(l.Runs, r)
	}
	return isRun
}

// inRun reports whether a folder of that name in a run directory is a part of the run.
func inRun(name string) bool {
	d := run.Dir("")
	return name == filepath.Base(d.Model()) || name == filepath.Base(d.Checkpoints())
}

// addStudy gives a run what its study found of its model, and the seconds of a task of an older version.
func (l *Listing) addStudy(r *Run) {
	own, ok := l.tasks[r.Dir]
	if !ok {
		return
	}
	if own.Failure != "" && r.State != Running {
		r.Problems = append(r.Problems, own.Failure)
	}
	if r.Seconds == 0 && own.Result != nil {
		r.Seconds = own.Result.Seconds
	}
	for _, t := range l.needing[own.Key] {
		if t.Kind == task.Embed && t.Result != nil && t.Result.Score != nil {
			r.Scores[t.Part+"_spearman"], r.Scores[t.Part+"_mse"] = t.Result.Score.Spearman, t.Result.Score.MSE
		}
	}
}
