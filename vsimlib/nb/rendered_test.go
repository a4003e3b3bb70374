// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// TestCommittedNotebooks holds every rendered notebook against the committed results and figures.
func TestCommittedNotebooks(t *testing.T) {
	const again = "; render it with `go run ./vsimlib/cmd/vsim reproduce --scale demo`"
	paths := committedResults(t)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, fault := range faults(t, path) {
				t.Error(fault + again)
			}
		})
	}
}

// committedResults makes the committed results and figures those of the environment, and lists the notebooks.
func committedResults(t *testing.T) []string {
	t.Helper()
	root, paths := committed(t)
	t.Setenv("VSIM_SCALE", competition.ScaleDemo)
	t.Setenv("VSIM_ROOT", root)
	for _, name := range []string{"VSIM_RUNS", "VSIM_STUDIES", "VSIM_STUDY", "VSIM_SET"} {
		t.Setenv(name, "")
	}
	t.Setenv("VSIM_FIGURES", filepath.Join(root, "figures"))
	t.Setenv("VSIM_RESULTS", filepath.Join(root, "data", "results"))
	return paths
}

// Of a picture in an output: its tag, its alt text, its data.
var (
	picture     = regexp.MustCompile(`<img [^>]*>`)
	described   = regexp.MustCompile(` alt="[^"]{20,}"`)
	pictureData = regexp.MustCompile(`src="data:image/png;base64,([^"]*)"`)
)

// faults compares a rendered notebook with the results and figures of the present environment.
func faults(t *testing.T, path string) []string {
	t.Helper()
	w, err := workspace.Open()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	fault := func(format string, args ...any) {
		list = append(list, filepath.Base(path)+": "+fmt.Sprintf(format, args...))
	}
	if info, err := os.Stat(path); err != nil || info.Size() > maxBytes {
		fault("is of %d bytes (%v), want at most %d", info.Size(), err, maxBytes)
	}
	nb := readNotebook(t, path)
	shown := map[string]bool{} // every text and every picture
	for i, c := range nb.code() {
		if c.Count == nil || *c.Count != i+1 || len(c.Outputs) == 0 {
			fault("cell %s is not rendered in order", c.ID)
		}
		for _, o := range c.Outputs {
			if o.Type == "error" || o.Name == "stderr" {
				fault("cell %s shows an error: %.200s", c.ID, o.Text)
			}
			for _, tag := range picture.FindAllString(string(o.Data["text/html"]), -1) {
				if !described.MatchString(tag) {
					fault("cell %s shows a picture without alt text", c.ID)
				}
			}
			for _, shows := range o.Data {
				shown[strings.TrimSpace(string(shows))] = true
				for _, data := range pictureData.FindAllStringSubmatch(string(shows), -1) {
					shown[data[1]] = true
				}
				if lines := strings.Count(string(shows), "\n"); lines > maxOutputLines {
					fault("cell %s shows %d lines", c.ID, lines)
				}
			}
		}
	}
	for _, leak := range leaks(nb) {
		fault("%s", leak)
	}
	if filepath.Base(path) == quickstart {
		list = append(list, quickstartFaults(w, shown)...)
	}
	for _, missing := range slices.Concat(sawFaults(nb, w, shown), figureFaults(nb, w, shown), studyFaults(nb, shown),
		claimsFaults(nb, w, shown), glossFaults(nb)) {
		fault("%s", missing)
	}
	return list
}

// quickstartFaults looks for the quickstart's scores and its summary among what is shown.
func quickstartFaults(w workspace.Workspace, shown map[string]bool) []string {
	var o results.Evaluation
	if err := w.ReadResults("quickstart", &o); err != nil {
		return []string{err.Error()}
	}
	var list []string
	if o.Scale != w.Scale {
		list = append(list, fmt.Sprintf("the results are of scale %s, want %s", o.Scale, w.Scale))
	}
	if scores, err := report.Of(o.Scores); err != nil || !shown[scores.HTML()] {
		list = append(list, fmt.Sprintf("the table of scores is not the one of quickstart.json (%v)", err))
	}
	if words, err := report.EvaluationSummary(o); err != nil || !shown[words] {
		list = append(list, fmt.Sprintf("the summary is not the one of quickstart.json (%v)", err))
	}
	return list
}

var sawCall = regexp.MustCompile(`nb\.Saw\("([^"]+)"\)`)

// sawFaults writes every text of Saw anew from the results and looks for it among what is shown.
func sawFaults(nb notebook, w workspace.Workspace, shown map[string]bool) []string {
	var list []string
	for _, c := range nb.code() {
		if strings.Contains(string(c.Source), "nb.Saw(") && !sawCall.MatchString(string(c.Source)) {
			list = append(list, fmt.Sprintf("cell %s calls nb.Saw in a way that this test cannot read", c.ID))
		}
		for _, call := range sawCall.FindAllStringSubmatch(string(c.Source), -1) {
			if words, err := said(Saw(call[1])); err != nil || !shown[words] {
				list = append(list, fmt.Sprintf("cell %s does not show what %s.json says (%v)", c.ID, call[1], err))
			}
			var results struct{ Scale string }
			if err := w.ReadResults(call[1], &results); err != nil || results.Scale != w.Scale {
				list = append(list, fmt.Sprintf("%s.json is of scale %q, want %s (%v)", call[1], results.Scale, w.Scale, err))
			}
		}
	}
	return list
}

var figureCall = regexp.MustCompile(`nb\.(?:Figure\(|Gallery\(|EmbeddingMap\(|(?:Disagree|PickFrames)\("[^"]+", )"([^"]+)"`)

// figureFaults looks for every figure of the cells in the figures folder and among what is shown.
func figureFaults(nb notebook, w workspace.Workspace, shown map[string]bool) []string {
	var list []string
	for _, c := range nb.code() {
		for _, call := range figureCall.FindAllStringSubmatch(string(c.Source), -1) {
			png, err := os.ReadFile(filepath.Join(w.Figures, call[1]+".png"))
			if err != nil || !shown[base64.StdEncoding.EncodeToString(png)] {
				list = append(list, fmt.Sprintf("figure %s is not the one that cell %s shows (%v)", call[1], c.ID, err))
			}
			if _, err := os.Stat(filepath.Join(w.Figures, call[1]+".csv")); err != nil {
				list = append(list, fmt.Sprintf("figure %s has no numbers beside it", call[1]))
			}
		}
	}
	return list
}

// Of galleries: the calls, and the cells of their tables that have Chinese titles.
var (
	galleryCall = regexp.MustCompile(`nb\.(Gallery|Disagree)\(`)
	titleCell   = regexp.MustCompile(`<td[^>]*>([^<]*\p{Han}[^<]*)</td>`)
)

// glossFaults looks for Chinese titles in the tables of galleries that have no English name with them.
func glossFaults(nb notebook) []string {
	var list []string
	for _, c := range nb.code() {
		if !galleryCall.MatchString(string(c.Source)) {
			continue
		}
		titles, bare := 0, []string{}
		for _, o := range c.Outputs {
			for _, cell := range titleCell.FindAllStringSubmatch(string(o.Data["text/html"]), -1) {
				if titles++; !strings.HasSuffix(cell[1], ")") {
					bare = append(bare, cell[1])
				}
			}
		}
		switch {
		case titles == 0:
			list = append(list, fmt.Sprintf("cell %s shows no titles", c.ID))
		case len(bare) > 0:
			list = append(list, fmt.Sprintf("cell %s shows %d titles without English names, the first %s", c.ID, len(bare), bare[0]))
		}
	}
	return list
}

var machinePath = regexp.MustCompile(`(^|[\s"'(>=:])(/(home|root|Users|tmp|work|opt|var|mnt|data|private|scratch|usr)/[^\s"'<)]*|~/\S+|[A-Z]:\\\S+)`)
var secret = regexp.MustCompile(`(?i)(token=[0-9a-f]{16}|gh[pousr]_[0-9A-Za-z]{20}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY)`)

// leaks lists what a rendered notebook says of the machine it was rendered on.
func leaks(nb notebook) []string {
	host, _ := os.Hostname()
	var list []string
	for _, c := range nb.Cells {
		texts := []string{string(c.Source)}
		for _, o := range c.Outputs {
			texts = append(texts, string(o.Text))
			for _, shows := range o.Data {
				texts = append(texts, pictureData.ReplaceAllString(string(shows), ""))
			}
		}
		for _, s := range texts {
			for _, found := range []string{machinePath.FindString(s), secret.FindString(s)} {
				if found != "" {
					list = append(list, fmt.Sprintf("cell %s shows %q", c.ID, found))
				}
			}
			if len(host) > 4 && strings.Contains(s, host) {
				list = append(list, fmt.Sprintf("cell %s shows this machine's name", c.ID))
			}
		}
	}
	return list
}

func TestGlossFaults(t *testing.T) {
	for table, want := range map[string]int{
		"<tr><td>A</td><td>狐狸 (fox)</td></tr>": 0, "<tr><td>狐狸 (fox)</td><td align=\"left\">葡萄</td></tr>": 1,
		"<tr><td>fox</td></tr>": 1,
	} {
		outputs := []nbOutput{{Data: map[string]prose{"text/html": prose(table)}}}
		cell := nbCell{Type: "code", Source: `nb.Show(nb.Gallery("a"))`, Outputs: outputs}
		if got := glossFaults(notebook{Cells: []nbCell{cell}}); len(got) != want {
			t.Errorf("%s: %v, want %d faults", table, got, want)
		}
	}
}

func TestLeaks(t *testing.T) {
	for s, want := range map[string]bool{
		"data/runs/demo/member1/pretrain/model": false, "1/25 of all": false, "`/` and 3/4": false, "see data/emoji/licences/": false,
		"in /home/jane/x": true, `src="/tmp/a.png"`: true, "~/.cache/plugin.so": true, "<td>/root/vsim</td>": true, `C:\Users\jane`: true,
		"http://127.0.0.1:8888/lab?token=0123456789abcdef01": true,
	} {
		if got := leaks(notebook{Cells: []nbCell{{Outputs: []nbOutput{{Data: map[string]prose{
			"text/html": prose(s)}}}}}}); (len(got) > 0) != want {
			t.Errorf("%q: %v, want a leak: %t", s, got, want)
		}
	}
}
