// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/own/owntest"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/grid"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/workspace"
)

// smallest are settings under which a cell trains in a fraction of a second on the Go backend.
func smallest() StudyOption {
	return Set("model.num_attention_heads=1", "model.intermediate_size=8", "model.embedding_dim=6", "model.max_frames=2",
		"model.max_text=6", "pretrain.batch=64", "pretrain.epochs=1", "pretrain.val_videos=0", "finetune.max_pairs=64")
}

// cellSays is what a cell writes to stderr, by lines; it must end well or with the exit status.
func cellSays(t *testing.T, what string, status int) []string {
	t.Helper()
	cmd, lines := cellOf(t, what)
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != status {
		t.Fatalf("%s: exit status %d, %q", what, cmd.ProcessState.ExitCode(), all)
	}
	return all
}

// files are the names and times of the files below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			info, err := entry.Info()
			list[path] = info.ModTime().String()
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestOwnGrid runs own grids as cells: plan first, then table, figures and a file for a shell; the same cell again trains nothing;
// and what is wrong is one line.
func TestOwnGrid(t *testing.T) {
	if testing.Short() {
		t.Skip("trains, in four processes")
	}
	studytest.OnGo(t)
	w := settle(t)
	first := cellSays(t, "grid", 0)
	if !regexp.MustCompile(`^study my-study: 13 tasks, 0 done, (about|less)`).MatchString(first[0]) ||
		first[len(first)-1] != "study my-study: 13 of 13 tasks" {
		t.Errorf("the cell says %q", first)
	}
	for _, name := range []string{"results/study-my-study.json", "results/study-my-study.md", "results/grid-my-study.json",
		"figures/study_my-study-cells.png", "figures/study_my-study-cells.csv"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(w.Results), name)); err != nil {
			t.Error(err)
		}
	}
	sameFromFile(t, w)
	if view, err := StudySummary("My study"); err != nil || len(view) != 1 {
		t.Errorf("the summary: %v, %v", view, err)
	}
	summaryOfOthers(t)
	before := files(t, w.Studies)
	if again := cellSays(t, "grid", 0); again[0] != "study my-study: 13 tasks, 13 done" || !maps.Equal(before, files(t, w.Studies)) {
		t.Errorf("run again, the cell says %q, or something was trained", again)
	}
	cellSays(t, "product", 0)
	found, err := results.ReadTable(filepath.Join(w.Results, "study-loss-weights.json"))
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, c := range found.Cells {
		labels = append(labels, string(c.Label)+" "+c.Series)
	}
	if want := []string{"tag weight 0, hidden_size=4 hidden_size=4", "tag weight 0, hidden_size=8 hidden_size=8",
		"tag weight 20.8, hidden_size=4 hidden_size=4", "tag weight 20.8, hidden_size=8 hidden_size=8"}; !slices.Equal(labels, want) ||
		found.Axis == nil || found.Cells[1].Difference == nil {
		t.Errorf("cells %q, axis %v", labels, found.Axis)
	}
	view, err := StudySummary("loss-weights")
	if err != nil || !strings.Contains(string(view[0].(markdownView)), "was not run") {
		t.Errorf("the named study's table is the one of other cells: %v, %v", view, err)
	}
	before = files(t, w.Studies)
	if refused := cellSays(t, "refused", exitFailed); len(refused) != 1 || !strings.Contains(refused[0], `nearest is "pretrain.weight_tag"`) ||
		!maps.Equal(before, files(t, w.Studies)) {
		t.Errorf("%q", refused)
	}
}

// summaryOfOthers defines other cells under the study's name, as an edited cell does that is stopped: the summary by the name alone
// says what differs, and the table is not taken for that of the new cells. A cell that runs again defines the old ones again.
func summaryOfOthers(t *testing.T) {
	t.Helper()
	edited := []StudyOption{smallest(), Cell("small", "model.hidden_size=4"), Cell("large", "model.hidden_size=12"), Seeds(1)}
	collected, err := Collect("My study", edited...)
	if err != nil || len(collected) != 1 || !strings.Contains(string(collected[0].(markdownView)), "was not run") {
		t.Errorf("the table of other cells: %v, %v", collected, err)
	}
	view, err := StudySummary("My study")
	if err != nil || len(view) != 2 {
		t.Fatalf("the summary: %v, %v", view, err)
	}
	for _, part := range []string{"**my-study** is not of the cells that were last defined",
		"Only the table has “large” (model.hidden\\_size=8), seeds 1 2.",
		"Only the definition has “large” (model.hidden\\_size=12), seeds 1."} {
		if note := string(view[0].(markdownView)); !strings.Contains(note, part) {
			t.Errorf("the note %q lacks %q", note, part)
		}
	}
	view, err = StudySummary("My study", edited...)
	if err != nil || !strings.Contains(string(view[0].(markdownView)), "was not run") {
		t.Errorf("the summary of other cells: %v, %v", view, err)
	}
}

// TestOutlines: a table is that of the study that made it, with cells of all kinds, and of no other.
func TestOutlines(t *testing.T) {
	studytest.OnGo(t)
	settle(t)
	open := func(tune string, teachers ...int) studied {
		s, err := studyOf("all kinds", []StudyOption{smallest(), OnEmoji, Cell("base"), Cell("member", Member(2)),
			Cell("both", "finetune.epochs=1", Tune(tune)), Cell("own", PairLoss(owntest.CoSENT)),
			Cell("taught", "finetune.weight_teacher=0.5", Teachers(teachers...))})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open("model.embedding_dim=4", 1, 2)
	made, err := table.Collect(s.Grid)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Save(made); err != nil {
		t.Fatal(err)
	}
	if found, _, err := s.Table(); err != nil || found == nil {
		t.Errorf("the study's own table: %v", err)
	}
	if found, _, err := open("model.embedding_dim=5", 1, 2).Table(); err != nil || found != nil {
		t.Errorf("the table of a study with another setting in one cell: %v", err)
	}
	if found, _, err := open("model.embedding_dim=4", 1, 3).Table(); err != nil || found != nil {
		t.Errorf("the table of a study with another teacher of one cell: %v", err)
	}
	if view, err := StudySummary("all kinds"); err != nil || len(view) != 1 { // of the corpus emoji
		t.Errorf("%v, %v", view, err)
	}
	for name, want := range map[string]string{"all-kind": `the nearest is "all-kinds-emoji", and there are all-kinds-emoji, tasks, `,
		"epoch": `the nearest is "epochs"`} {
		if _, err := StudySummary(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// sameFromFile makes the table anew from the file that the cell left, as vsim study does.
func sameFromFile(t *testing.T, w workspace.Workspace) {
	t.Helper()
	d, err := grid.Read(filepath.Join(w.Results, "grid-my-study.json"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := d.Plan(grid.On{Runs: w.Studies, Backend: backends.Go})
	if err != nil {
		t.Fatal(err)
	}
	made, err := table.Collect(g)
	if err != nil {
		t.Fatal(err)
	}
	file, err := report.WriteStudy(t.TempDir(), "table", made)
	if err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(w.Results, "study-my-study.json"))
	if err != nil || !bytes.Equal(a, b) || made.FailedCells() > 0 {
		t.Errorf("the table of the file is another: %v\n%s\n%s", err, a, b)
	}
}

// TestOwnGridsStayApart: what is not the published study is not written where git tracks results.
func TestOwnGridsStayApart(t *testing.T) {
	studytest.OnGo(t)
	w := settle(t)
	t.Setenv("VSIM_RESULTS", filepath.Join(w.Root, "data", "results"))
	t.Setenv("VSIM_FIGURES", filepath.Join(w.Root, "figures"))
	for _, c := range []struct {
		name    string
		options []StudyOption
		tracked bool
	}{
		{"epochs", nil, true},
		{"epochs", []StudyOption{Vary("pretrain.epochs", 0, 1, 2, 4)}, true}, // the same, written out
		{"epochs", []StudyOption{Seeds(7)}, false},
		{"epochs", []StudyOption{Set("finetune.epochs=2")}, false},
		{"epochs", []StudyOption{Vary("pretrain.epochs", 0, 1)}, false},
		{"mine", []StudyOption{Cell("a")}, false},
	} {
		s, err := studyOf(c.name, c.options)
		if err != nil {
			t.Fatal(err)
		}
		if results := strings.HasPrefix(s.Results, w.Root); results != c.tracked || strings.HasPrefix(s.Figures, w.Root) != c.tracked {
			t.Errorf("%s, %d options: %s and %s", c.name, len(c.options), s.Results, s.Figures)
		}
	}
}
