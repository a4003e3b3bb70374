// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"os"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/prediction"
	"vsim/vsimlib/workspace"
	"vsim/vsimlib/workspace/studies"
)

// Study runs a study at the notebook's scale and shows it: results/study-NAME.json and .md, figures/study_NAME*. Without options
// it is the published one; options change seeds, settings and corpus, or give it other cells. Whatever any cell, notebook or
// `vsim study` has trained is not trained again, and an interrupted study continues when the cell is run again. Where VSIM_STUDY is
// collect, nothing is trained: see Collect. What is not the published study is never written to files that git tracks.
func Study(name string, options ...StudyOption) (View, error) {
	if os.Getenv("VSIM_STUDY") == "collect" {
		return Collect(name, options...)
	}
	s, err := studyOf(name, options)
	if err == nil {
		err = s.Define()
	}
	if err != nil {
		return nil, err
	}
	found, err := s.train()
	if err != nil {
		return nil, err
	}
	return s.view(found, "")
}

// Grid is Study for cells of your own, under any name: nb.Grid("width", nb.Vary("model.hidden_size", 64, 128)).
func Grid(name string, options ...StudyOption) (View, error) { return Study(name, options...) }

// Collect shows a study and trains nothing. It tables the runs where all of them are finished; else it takes the finished table of
// this scale or the committed one; else it tables what is finished, where cells can be compared, and lists what is missing. Where
// nothing of this exists, it shows the command that runs the study.
func Collect(name string, options ...StudyOption) (View, error) {
	s, err := studyOf(name, options)
	if err == nil {
		err = s.Define()
	}
	if err != nil {
		return nil, err
	}
	found, file, err := s.Collect()
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return View{markdownView(s.Missing())}, nil
	}
	return s.view(found, file)
}

// StudySummary says in words what the saved table of a study holds. That of an own grid is found by its name alone; where its cell
// has other cells by now, the summary begins with what differs.
func StudySummary(name string, options ...StudyOption) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	if len(options) == 0 {
		switch table, note, err := studies.Saved(w, name); {
		case err != nil:
			return nil, err
		case note != "":
			return append(View{markdownView(note)}, summaryOf(table, name)...), nil
		case table != nil:
			return summaryOf(table, name), nil
		}
	}
	s, err := studyOf(name, options)
	if err != nil {
		return nil, err
	}
	table, _, err := s.Table()
	switch {
	case err != nil:
		return nil, err
	case table == nil:
		return View{markdownView(s.Missing())}, nil
	}
	return summaryOf(table, s.Name), nil
}

// summaryOf says what a table holds, with the verdicts on claims, under the name of its study's results, and on predictions.
func summaryOf(table *results.Table, name string) View {
	return View{markdownView(prediction.Summary(table, name))}
}

// Claims compares the published effects with the saved tables of studies, on every corpus that they were run on, and saves the
// verdicts as results/study-claims.json. Studies that were not run at this scale are left out.
func Claims(names ...string) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	claims, err := studies.Claims(w, names)
	if err != nil {
		return nil, err
	}
	return View{tableView{report.ClaimsTable(claims.Claims)}, markdownView(report.ClaimsSummary(claims)),
		markdownView(report.ClaimsSources(claims.Claims))}, nil
}
