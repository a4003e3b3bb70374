// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
)

// estimateOf is a mean with an interval.
func estimateOf(mean, low, high float64) *study.Estimate {
	return &study.Estimate{Mean: mean, Low: low, High: high, Seeds: 3}
}

// scoresOf are those by seed.
func scoresOf(list ...float64) []*float64 {
	var out []*float64
	for _, v := range list {
		out = append(out, new(v))
	}
	return out
}

// tasksTable is a table made up for these tests.
func tasksTable() *study.Table {
	t := &study.Table{Study: "tasks", Question: "Does each pretraining task pay?", Scale: demo, Corpus: "controlled: 10 videos", Seeds: []int64{1, 2, 3}, Baseline: "tag + MLM + MFM",
		Scored: study.Scored{Metric: "spearman", Part: "test_a", Pairs: 4000}, Intervals: study.Intervals{Level: .95, Draws: 1000}}
	t.Cells = []study.Row{
		{Label: "no pretraining", Scores: scoresOf(.50, .52, .51), Mean: estimateOf(.51, .49, .53), SD: new(.01), Difference: estimateOf(-.11, -.13, -.09), Settings: []string{"pretrain.epochs=0"}},
		{Label: "tag", Scores: scoresOf(.60, .63, .63), Mean: estimateOf(.62, .60, .64), SD: new(.0173), Difference: estimateOf(0, -.02, .02), Published: &study.Published{Spearman: .8786, SD: .002, Where: "w"}},
		{Label: "tag + MLM", Scores: []*float64{new(.61), new(.62), nil}, Mean: &study.Estimate{Mean: .615, Low: .60, High: .63, Seeds: 2}, Difference: estimateOf(.02, .01, .03),
			Published: &study.Published{Spearman: .8812, Where: "w"}, Errors: []study.Failure{{Seed: 3, Task: study.Pretrain, Error: "no space"}}},
		{Label: "tag + MLM + MFM", Scores: scoresOf(.61, .62, .63), Mean: estimateOf(.62, .60, .64), SD: new(.01), Published: &study.Published{Spearman: .8858, Where: "w"}},
	}
	return t
}

func TestStudyWords(t *testing.T) {
	want := `- On the corpus **controlled**, “tag + MLM + MFM”, with which the others are compared, scores 0.6200 ± 0.0100 (3 seeds).
- Above it, with an interval that leaves zero out: **tag + MLM** +0.0200 [+0.0100, +0.0300].
- Below it, with an interval that leaves zero out: **no pretraining** −0.1100 [−0.1300, −0.0900].
- Not told apart from it: **tag** +0.0000 [−0.0200, +0.0200].
- pretraining pays: **holds**.
- all three tasks beat tags alone: **undecided, the interval has zero in it**.
- masked words pay beside tags: **undecided, holds in 1 of 2 seeds**.
- masked frames pay beside tags and words: **does not hold, the other way round**.`
	if got := studyWords(tasksTable()); got != want {
		t.Errorf("words\n%s, want\n%s", got, want)
	}
	table := tasksTable()
	table.Scale = tiny
	if got := studyWords(table); !strings.HasPrefix(got, "- Scale `tiny`") {
		t.Errorf("at tiny %q", got)
	}
}

func TestStudyTable(t *testing.T) {
	table := tasksTable()
	if got := studyCaption(table); !strings.Contains(got, "Corpus **controlled** (10 videos), scale `demo`. Spearman on 4,000 pairs (test\\_a)") ||
		!strings.Contains(got, "No score of **tag + MLM** under seed 3 (pretrain: no space).") {
		t.Errorf("caption %s", got)
	}
	want := `cell             Spearman          difference  95% interval        published        its difference  settings
no pretraining   0.5100 ± 0.0100   −0.1100     [−0.1300, −0.0900]                                   pretrain.epochs=0
tag              0.6200 ± 0.0173   +0.0000     [−0.0200, +0.0200]  0.8786 ± 0.0020  −0.0072         
tag + MLM        0.6150 (2 seeds)  +0.0200     [+0.0100, +0.0300]  0.8812           −0.0046         
tag + MLM + MFM  0.6200 ± 0.0100                                   0.8858                           
`
	if got := studyTables(table)[0].String(); got != want {
		t.Errorf("table\n%s, want\n%s", got, want)
	}
	table.Ensembles = &study.Ensembles{Dims: []int{256}, Joined: []study.Row{{Label: "all, concatenated", Scores: scoresOf(.7, .7, .7), Mean: estimateOf(.7, .68, .72), Difference: estimateOf(.08, .07, .09)}},
		Sizes: []study.Size{{Size: 1, Subsets: 2, Mean: estimateOf(.6, .58, .62), SVD: []*float64{new(.6)}}, {Size: 2, Subsets: 1, Mean: estimateOf(.65, .63, .67), SVD: []*float64{new(.649)}, Fitted: new(.651)}}}
	tables := studyTables(table)
	if len(tables) != 2 || len(tables[0].rows) != 5 || len(tables[1].rows) != 2 || tables[1].rows[1][4].text != "0.6490" {
		t.Errorf("with ensembles %+v", tables)
	}
	words := studyWords(table)
	for _, want := range []string{"by number of models: 1: 0.6000, 2: 0.6500. What the next one adds: second +0.0500.", "all 2 with equal weights: 256 floats a video −0.0010, weights fitted on the held-out pairs +0.0010."} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, words)
		}
	}
}

// TestClaims: a verdict is by the interval, the right way round whichever of the two cells is the baseline, and by the seeds where there
// is none; published differences are of the same place.
func TestClaims(t *testing.T) {
	list := claimsOf(tasksTable(), "-emoji")
	if len(list) != 4 {
		t.Fatalf("%d claims", len(list))
	}
	for i, want := range []struct{ ours, low, high float64 }{{.11, .09, .13}, {0, -.02, .02}, {0, 0, 0}, {.0, -.03, -.01}} {
		c := list[i]
		if diff := c.Ours - want.ours; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: %g, want %g", c.Claim, c.Ours, want.ours)
		}
		if i == 2 {
			if c.Low != nil || c.Seeds != 2 || c.Agree != 1 || *c.Published < .0025 || *c.Published > .0027 {
				t.Errorf("without the baseline %+v", c)
			}
			continue
		}
		if *c.Low != want.low || *c.High != want.high || c.Study != "tasks-emoji" {
			t.Errorf("%s: [%g, %g], want [%g, %g]", c.Claim, *c.Low, *c.High, want.low, want.high)
		}
	}
	if list[0].Published != nil {
		t.Errorf("no pretraining has no published figure, got %g", *list[0].Published)
	}
	words := claimsWords(demo, list)
	if !strings.Contains(words, "**Hold here** (1 of 4): pretraining pays (controlled, +0.1100)") || !strings.Contains(words, "**Do not hold here** (1 of 4): masked frames") {
		t.Errorf("words %s", words)
	}
}

// TestCollect: a study without runs is told from its kept table, from the committed one, or says what to run; nothing is trained.
func TestCollect(t *testing.T) {
	p := settle(t)
	if err := Collect("tusks"); err == nil || !strings.Contains(err.Error(), `"tasks"`) {
		t.Errorf("an unknown study: %v", err)
	}
	s, err := studyOf("labels-emoji") // of which no table is committed
	if err != nil {
		t.Fatal(err)
	}
	if table, _, err := s.told(); err != nil || table != nil {
		t.Errorf("a study that nobody ran: %+v, %v", table, err)
	}
	if got := s.missing(); !strings.Contains(got, "`vsim study labels --corpus emoji --scale tiny`") {
		t.Errorf("missing: %s", got)
	}
	if err := Claims("tasks"); err == nil {
		t.Error("claims about nothing")
	}
	table := tasksTable()
	table.Scale = tiny
	if _, err := p.keepStudy("tasks", table); err != nil { // of a study that was not finished, whose runs are elsewhere
		t.Fatal(err)
	}
	if err := Collect("tasks"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(p.figures, "study_tasks-cells.csv")); err != nil {
		t.Error(err)
	}
	if err := Claims("tasks", "epochs"); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(Results("study-claims")); err != nil || !bytes.Contains(data, []byte(`"verdict": "holds"`)) {
		t.Errorf("the claims' file: %s, %v", data, err)
	}
	t.Setenv("VSIM_STUDY", "collect")
	if err := Study("tasks"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(p.studies, "study")); err == nil {
		t.Error("something was trained")
	}
}

// interruptOnceThere interrupts the cell once a file of that pattern has something in it, and returns its last line and how long it went on.
func interruptOnceThere(t *testing.T, cmd *exec.Cmd, lines *bufio.Scanner, pattern string) (last string, took time.Duration) {
	t.Helper()
	sent, ended := make(chan time.Time, 1), make(chan struct{})
	go func() {
		defer close(sent)
		for {
			found, _ := filepath.Glob(pattern)
			if len(found) > 0 {
				if info, err := os.Stat(found[0]); err == nil && info.Size() > 0 {
					_ = cmd.Process.Signal(syscall.SIGINT)
					sent <- time.Now()
					return
				}
			}
			select {
			case <-ended:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	for lines.Scan() {
		last = lines.Text()
	}
	close(ended)
	at, ok := <-sent
	if !ok {
		t.Fatalf("nothing like %s came to be; the cell's last line is %q", pattern, last)
	}
	_ = cmd.Wait()
	return last, time.Since(at)
}

// TestStudyGoesOn stops a study's cell and runs it again.
func TestStudyGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	backendstest.Backend(t) // installs the plugin where it is missing
	p := settle(t)
	cmd, lines := cellOf(t, "study")
	// Of a task this short no line is sure to tell.
	last, took := interruptOnceThere(t, cmd, lines, filepath.Join(p.studies, "study", "pretrain-*", "run", "metrics.jsonl"))
	if !strings.HasPrefix(last, "study labels: stopped") || cmd.ProcessState.ExitCode() != exitStopped || took.Seconds() >= 4 {
		t.Fatalf("exit status %d after %v, %q", cmd.ProcessState.ExitCode(), took, last)
	}
	if _, err := os.Stat(studyFile(p.results, "labels", ".json")); err == nil {
		t.Error("a study that was stopped has a table")
	}
	again, lines := cellOf(t, "study")
	for lines.Scan() {
		last = lines.Text()
	}
	if err := again.Wait(); err != nil || last != "study labels: 6 of 6 tasks" {
		t.Fatalf("run again: %v, %q", err, last)
	}
	metrics, err := filepath.Glob(filepath.Join(p.studies, "study", "pretrain-*", "run"))
	if err != nil || len(metrics) != 1 {
		t.Fatalf("pretrainings %v, %v", metrics, err)
	}
	everyStepOnce(t, run.Dir(metrics[0]))
	for _, file := range []string{studyFile(p.results, "labels", ".json"), studyFile(p.results, "labels", ".md"), filepath.Join(p.figures, "study_labels-cells.svg")} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

// TestUnfinished: of a study that is not finished a table is told where it says something, and lists what it lacks.
func TestUnfinished(t *testing.T) {
	table := tasksTable()
	if !worthTelling(table) {
		t.Error("a table without gaps")
	}
	table.Cells[0].Mean, table.Cells[1].Mean = nil, nil
	if !worthTelling(table) {
		t.Error("half of a table")
	}
	table.Cells[2].Mean = nil
	if worthTelling(table) {
		t.Error("the baseline alone")
	}
	table = tasksTable()
	table.Cells = table.Cells[2:]
	table.Cells[0].Mean = nil
	if worthTelling(table) {
		t.Error("the baseline of two cells")
	}
	table = tasksTable()
	table.Cells[3].Mean = nil
	if worthTelling(table) {
		t.Error("no baseline")
	}
	row := study.Row{Label: "40 epochs", Errors: []study.Failure{{Seed: 2, Task: study.Embed, Error: "not done"}, {Seed: 3, Task: study.Embed, Error: "not done"}}}
	if got := noScore(row); got != "\n\nNo score of **40 epochs** under seeds 2, 3 (embed: not done)." {
		t.Errorf("%q", got)
	}
}
