// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/plots"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/study/work"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
)

// On is a corpus that a study can be on.
type On int

const (
	OnControlled On = iota // the generated corpus; the default
	OnEmoji                // the shipped clips
)

// studied is a study on a corpus, and its plan at the notebook's scale.
type studied struct {
	workspace.Workspace
	name    string // of its results, such as epochs or ensemble-emoji
	command string // that runs it
	grid    *study.Grid
}

func studyOf(name string, on []On) (s studied, err error) {
	if s.Workspace, err = workspace.Open(); err != nil {
		return s, err
	}
	s.name, s.command = name, "vsim study "+name
	o := study.Options{Scale: s.Scale, Corpus: study.Controlled, Runs: s.Studies}
	if slices.Contains(on, OnEmoji) {
		s.name, s.command, o.Corpus = name+"-emoji", s.command+" --corpus emoji", s.Corpus
	}
	s.command += " --scale " + s.Scale
	if o.Set = s.Settings(); len(o.Set) > 0 {
		s.command += " --set " + strings.Join(o.Set, " --set ")
	}
	if s.Scale == competition.ScaleTiny {
		o.Seeds = []int64{1} // nothing is measured
	}
	d, err := openDevice()
	if err != nil {
		return s, err
	}
	o.Backend = backends.Setting(d.Backend)
	planned, err := study.New(name, o)
	if err != nil {
		return s, err
	}
	s.grid, err = planned.Plan()
	return s, err
}

// missing says how to make a study that has not run.
func (s studied) missing() string {
	return fmt.Sprintf("The study **%s** was not run at scale `%s`. `%s` runs it; then run this cell again.",
		report.EscapeMarkdown(s.name), s.Scale, s.command)
}

// train runs what is missing of the grid.
func (s studied) train() (found *results.Table, err error) {
	b := newBoard("study " + s.name)
	meter, jobs := work.NewMeter(s.grid), min(2, runtime.NumCPU()) // models this small do not fill two cores
	at := func() string {
		now := meter.Standing(jobs)
		return fmt.Sprintf(" after %s", now.Text())
	}
	w := &work.Worker{Warn: b.warn, Device: func() (trainer.Options, error) {
		d, err := b.device()
		if err != nil {
			return d.Options, err
		}
		d.Backend = compilecache.New(d.Backend)
		return d.Options, nil
	}}
	err = stoppable(b.what, at, func(ctx context.Context) error {
		err := work.Local(w, jobs)(ctx, s.grid, func(e work.Event) {
			if meter.Event(e) {
				b.showProgress(meter.Standing(jobs).Line(""), e.State == work.Failed)
			}
			if e.State == work.Failed {
				b.warn(fmt.Sprintf("%s of %s failed: %v", e.Task.Kind, e.Task.Label, e.Err))
			}
		})
		if err != nil {
			return err
		}
		found, err = table.Collect(s.grid)
		return err
	})
	if err == nil {
		b.show(meter.Standing(jobs).Text(), true)
	}
	return found, err
}

// collect is the study's table without training, and its file where it was saved before; nil where there is none.
func (s studied) collect() (*results.Table, string, error) {
	if !slices.ContainsFunc(s.grid.Tasks, func(t *study.Task) bool { return !t.Done() }) {
		t, err := table.Collect(s.grid)
		return t, "", err
	}
	before, file, err := s.StudyTable(s.name)
	if err != nil || before != nil && before.FailedCells() == 0 {
		return before, file, err
	}
	if slices.ContainsFunc(s.grid.Tasks, func(t *study.Task) bool { return t.Kind == study.Embed && t.Done() }) {
		t, err := table.Collect(s.grid)
		if err != nil || t.Comparable() {
			return t, "", err
		}
	}
	return before, file, nil
}

// view is a study's table with its caption, and its figures. A table without a file is saved first.
func (s studied) view(t *results.Table, file string) (view View, err error) {
	if file == "" {
		if file, err = report.WriteStudy(s.Results, workspace.StudyName(s.name), t); err != nil {
			return nil, err
		}
	}
	view = append(view, markdownView(report.StudyCaption(t)))
	for _, one := range report.StudyTables(t) {
		view = append(view, tableView{one})
	}
	figures, err := plots.Study(file)
	if err != nil {
		return nil, err
	}
	for _, f := range figures {
		ending := strings.TrimPrefix(f.Name, t.Study)
		if ending == "-cells" && t.Axis != nil {
			continue // the same along the axis
		}
		figure, err := Figure("study_"+s.name+ending, f.Figure)
		if err != nil {
			return nil, err
		}
		view = append(view, figure...)
	}
	return view, nil
}
