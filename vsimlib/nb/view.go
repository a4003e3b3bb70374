// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"reflect"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
)

// View is what a cell shows of a result: tables, figures and words, in order.
type View []element

// element is one output of a cell.
type element interface{ show() }

// markdownView is a text.
type markdownView string

func (m markdownView) show() { showMarkdown(string(m)) }

// pictureView is a PNG, its description, and the file it is in.
type pictureView struct {
	png       []byte
	alt, path string
}

func (p pictureView) show() { showPNG(p.png, p.alt, p.path) }

// tableView is a table of a report.
type tableView struct{ report.Table }

func (t tableView) show() { showHTML(t.HTML(), t.String()) }

// valueView is a number or a line of text.
type valueView string

func (v valueView) show() { showHTML("<code>"+report.EscapeHTML(string(v))+"</code>", string(v)+"\n") }

// htmlView is shown as HTML, or as text.
type htmlView struct{ report.HTML }

func (v htmlView) show() { showHTML(v.HTML.HTML(), v.String()) }

// Show shows a value: a View as it is, a number or a text in a line, the rows that matter of what Pretrain and Finetune found, any
// other value as a table (see Table, which shows all rows of those two as well). It takes the two results of a call, as in
// nb.Show(nb.CheckCorpus()), and ends the cell on an error as Check does.
func Show[T any](value T, err error) {
	Check(err)
	view, err := viewOf(value)
	Check(err)
	for _, e := range view {
		e.show()
	}
}

// viewOf is the view of any value.
func viewOf(value any) (View, error) {
	switch v := value.(type) {
	case View:
		return v, nil
	case results.Table:
		return studyTables(&v), nil
	case *results.Table:
		return studyTables(v), nil
	case trainer.PretrainResult:
		return Table(pretrainedOf(v))
	case trainer.FinetuneResult:
		return Table(finetunedOf(v))
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		w, err := workspace.Open()
		return View{valueView(w.Relative(text.Clean(fmt.Sprint(value))))}, err
	}
	return Table(value)
}

// studyTables are a study's caption and tables.
func studyTables(t *results.Table) View {
	view := View{markdownView(report.StudyCaption(t))}
	for _, one := range report.StudyTables(t) {
		view = append(view, tableView{one})
	}
	return view
}

// Table makes a table of a value: a struct or a map as names and values, a slice of structs as rows under the fields' names. The
// names are those of the fields' JSON; maps inside a struct are listed with its fields.
func Table(value any) (View, error) {
	t, err := report.Of(value)
	if err != nil {
		return nil, err
	}
	if w, err := workspace.Open(); err == nil {
		for _, row := range t.Rows {
			for i := range row {
				row[i].Text = w.Relative(row[i].Text)
			}
		}
	}
	return View{tableView{t}}, nil
}
