// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/plots/studyplots"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/grid/option"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/study/work"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
	"vsim/vsimlib/workspace/studies"
)

// studied is a study of a cell.
type studied struct{ studies.Study }

// studyOf is the study of a name and options, on this machine's backend.
func studyOf(name string, options []StudyOption) (s studied, err error) {
	w, err := workspace.Open()
	if err != nil {
		return s, err
	}
	asked, err := option.Define(w.Scale, name, options)
	if err != nil {
		return s, err
	}
	d, err := openDevice()
	if err != nil {
		return s, err
	}
	s.Study, err = studies.Open(w, asked.Definition, backends.Setting(d.Backend), asked.Large)
	return s, err
}

// train runs what is missing of the grid.
func (s studied) train() (found *results.Table, err error) {
	b := newBoard("study " + s.Name)
	meter, jobs := work.NewMeter(s.Grid), min(2, runtime.NumCPU()) // models this small do not fill two cores
	at := func() string { return " after " + meter.Standing(jobs).Text() }
	forecast := meter.Forecast(jobs)
	b.show(forecast.Text(), true)
	w := &work.Worker{Warn: b.warn, Device: func() (trainer.Options, error) {
		d, err := b.device()
		if err != nil {
			return d.Options, err
		}
		d.Backend = compilecache.New(d.Backend)
		return d.Options, nil
	}}
	err = stoppable(b.what, at, func(ctx context.Context) error {
		err := work.Local(w, jobs)(ctx, s.Grid, func(e work.Event) {
			if meter.Event(e) {
				b.showProgress(standing(meter.Standing(jobs), forecast), e.State == work.Failed)
			}
			if e.State == work.Failed {
				b.warn(fmt.Sprintf("%s of %s failed: %v", e.Task.Kind, e.Task.Label, e.Err))
			}
		})
		if err != nil {
			return err
		}
		found, err = table.Collect(s.Grid)
		return err
	})
	if err == nil {
		b.show(meter.Standing(jobs).Text(), true)
	}
	return found, err
}

// standing is a line of progress. It has the forecast until the time left is known: in a notebook it replaces the forecast's line.
func standing(s work.Standing, f work.Forecast) text.Progress {
	line := s.Line("")
	if s.Left == 0 && s.Done+s.Failed < s.Tasks {
		line.More = slices.Insert(line.More, 0, f.Time())
	}
	return line
}

// view is a study's table with its caption, and its figures. A table without a file is saved first.
func (s studied) view(t *results.Table, file string) (view View, err error) {
	shell := false
	if file == "" {
		if file, shell, err = s.Save(t); err != nil {
			return nil, err
		}
	}
	view = studyTables(t)
	figures, err := studyplots.Study(file)
	if err != nil {
		return nil, err
	}
	for _, f := range figures {
		ending := strings.TrimPrefix(f.Name, t.Study)
		if ending == "-cells" && t.Axis != nil {
			continue // the same along the axis
		}
		figure, err := drawn(s.Workspace, "study_"+s.Name+ending, f.Figure)
		if err != nil {
			return nil, err
		}
		view = append(view, figure...)
	}
	if shell {
		view = append(view, markdownView(fmt.Sprintf("From a shell: `%s`", s.Command())))
	}
	return view, nil
}
