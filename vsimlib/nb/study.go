// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/study"
	"vsim/vsimlib/trainer"
)

// onEmoji behind the name of a study is its corpus: the shipped clips. Without it a study is on the controlled corpus.
const onEmoji = "-emoji"

// Study runs a study at the notebook's scale, shows its table and its figures, and keeps them: results/study-NAME.json and .md,
// figures/study_NAME*. What was trained before, by any cell, notebook or `vsim study`, is not trained again, and a study that was
// interrupted goes on when the cell is run again. Where VSIM_STUDY says collect, nothing is trained: see Collect.
func Study(name string) error {
	if os.Getenv("VSIM_STUDY") == "collect" {
		return Collect(name)
	}
	s, err := studyOf(name)
	if err != nil {
		return err
	}
	table, err := s.train()
	if err != nil {
		return err
	}
	return s.show(table, "")
}

// Collect shows a study and trains nothing. It tables the runs where all of them are there; else it takes the finished table that was
// kept before, at this scale or the committed one; else it tables the runs that are there, where the baseline, another cell and half of all have a
// score, and lists what has none. Where there is nothing of this, it says what to run.
func Collect(name string) error {
	s, err := studyOf(name)
	if err != nil {
		return err
	}
	table, file, err := s.told()
	if err != nil {
		return err
	}
	if table == nil {
		showMarkdown(s.missing())
		return nil
	}
	return s.show(table, file)
}

// studied is a study by the name of its results, and its plan at the scale of the notebook.
type studied struct {
	place
	name string // such as epochs, or ensemble-emoji
	grid *study.Grid
}

func studyOf(name string) (s studied, err error) {
	s.name = name
	if s.place, err = where(); err != nil {
		return s, err
	}
	o := study.Options{Scale: s.scale, Corpus: study.Controlled, Runs: s.studies}
	known, emoji := strings.CutSuffix(name, onEmoji)
	if emoji {
		o.Corpus = s.place.corpus
	}
	if s.scale == tiny {
		o.Seeds = []int64{1} // nothing is measured
	}
	planned, err := study.New(known, o)
	if err != nil {
		return s, err
	}
	s.grid, err = planned.Plan()
	return s, err
}

// line is the command that runs the study.
func (s studied) line() string {
	known, emoji := strings.CutSuffix(s.name, onEmoji)
	corpus := ""
	if emoji {
		corpus = " --corpus emoji"
	}
	return "vsim study " + known + corpus + " --scale " + s.scale
}

// missing says what would make a study that is not there.
func (s studied) missing() string {
	return fmt.Sprintf("The study **%s** was not run at scale `%s`. `%s` runs it; then run this cell again.", escapeMarkdown(s.name), s.scale, s.line())
}

// train runs what is missing of the grid.
func (s studied) train() (table *study.Table, err error) {
	b := newBoard("study " + s.name)
	meter, jobs := study.NewMeter(s.grid), min(2, runtime.NumCPU()) // models this small do not fill two cores
	at := func() string {
		now := meter.Standing(jobs)
		return fmt.Sprintf(" after %s", now.Text())
	}
	w := &study.Worker{Warn: b.warn, Device: func() (trainer.Options, error) {
		d, err := b.device()
		if err != nil {
			return d.Options, err
		}
		d.Backend = backends.Reuse(d.Backend)
		return d.Options, nil
	}}
	err = stoppable(b.what, at, func(ctx context.Context) error {
		table, err = study.Run(ctx, s.grid, study.Local(w, jobs), func(e study.Event) {
			if meter.Event(e) {
				b.show(standing(meter.Standing(jobs)), e.State == study.Failed)
			}
			if e.State == study.Failed {
				b.warn(fmt.Sprintf("%s of %s failed: %v", e.Task.Kind, e.Task.Label, e.Err))
			}
		})
		return err
	})
	if err == nil {
		b.show(meter.Standing(jobs).Text(), true)
	}
	return table, err
}

// standing is how far a grid is, in one line.
func standing(s study.Standing) string {
	parts := []string{fmt.Sprintf("%.0f%%", 100*s.Share), s.Text(), s.At}
	if s.Left > 0 {
		parts = append(parts, s.Left.Round(time.Second).String()+" left")
	}
	return strings.Join(parts, " · ")
}
