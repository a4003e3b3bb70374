// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
)

// maxReadme is the size that the README may have, in bytes.
const maxReadme = 12_288

// TestReadme holds the README to its form: short, the two commands and the licence on the first screen, few results.
func TestReadme(t *testing.T) {
	page := readFile(t, "README.md")
	if len(page) > maxReadme {
		t.Errorf("%d bytes, want at most %d", len(page), maxReadme)
	}
	first := strings.Join(strings.SplitN(page, "\n", 31)[:30], "\n")
	for _, want := range []string{"GoNB", "](figures/", "\ngo run ./vsimlib/cmd/vsim reproduce\n", "\ngo test ./...\n", "Licence"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first 30 lines lack %q", want)
		}
	}
	_, results, _ := strings.Cut(page, "\n## Results\n")
	results, _, _ = strings.Cut(results, "\n## ")
	if rows := strings.Count(results, "\n| ") - 2; rows < 3 || rows > 8 {
		t.Errorf("%d rows of results, want 3 to 8", rows)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
)

// anchors returns the names that a page's headings have on GitHub.
func anchors(page string) map[string]bool {
	names := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names[strings.ReplaceAll(name, " ", "-")] = true
	}
	return names
}

// follow looks for what a text links to within the repository: the file exists, and so does the heading. It returns the links as
// they are written, and the file of each.
func follow(t *testing.T, p prose) (links, targets []string) {
	t.Helper()
	for _, m := range link.FindAllStringSubmatch(p.text, -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		file, anchor, _ := strings.Cut(m[1], "#")
		target := p.file
		if file != "" {
			target = path.Join(path.Dir(p.file), file)
		}
		info, err := os.Stat(filepath.Join("..", target))
		if err != nil {
			t.Errorf("%s links to %s, which does not exist", p.file, m[1])
		} else if anchor != "" && (info.IsDir() || !anchors(readFile(t, target))[anchor]) {
			t.Errorf("%s links to %s, which has no such heading", p.file, m[1])
		}
		links, targets = append(links, m[1]), append(targets, target)
	}
	return links, targets
}

// TestLinks follows every link of the pages within the repository.
func TestLinks(t *testing.T) {
	followed, linked := 0, map[string]bool{}
	for _, p := range markdown(t) {
		_, targets := follow(t, p)
		followed += len(targets)
		for _, target := range targets {
			linked[target] = true
		}
	}
	if followed < 60 {
		t.Errorf("only %d links found", followed)
	}
	for _, page := range glob(t, "vsimlib/docs/*") {
		if !linked[page] {
			t.Errorf("no page links to %s", page)
		}
	}
}

// TestNotebookLinks follows the links of the notebooks within the repository, and wants one from each to the contents and to its
// neighbours.
func TestNotebookLinks(t *testing.T) {
	linked := map[string]map[string]bool{} // by notebook
	for _, p := range notebookCells(t) {
		file, _, _ := strings.Cut(p.file, " cell ")
		if linked[file] == nil {
			linked[file] = map[string]bool{}
		}
		links, _ := follow(t, p)
		for _, written := range links {
			linked[file][written] = true
		}
	}
	files := slices.Sorted(maps.Keys(linked))
	for i, file := range files {
		want := []string{"README.md"}
		if i > 0 {
			want = append(want, path.Base(files[i-1]))
		}
		if i+1 < len(files) {
			want = append(want, path.Base(files[i+1]))
		}
		for _, target := range want {
			if !linked[file][target] {
				t.Errorf("%s has no link to %s", file, target)
			}
		}
	}
}

// TestPathsOnPages finds every folder and file of the library that a page names.
func TestPathsOnPages(t *testing.T) {
	named := regexp.MustCompile(`\bvsimlib/[a-zA-Z0-9_/.-]*[a-zA-Z0-9_]`)
	for _, p := range markdown(t) {
		for _, name := range named.FindAllString(p.text, -1) {
			if _, err := os.Stat(filepath.Join("..", name)); err != nil {
				t.Errorf("%s names %s, which does not exist", p.file, name)
			}
		}
	}
}

// TestGoOfReadme compares the README's Go with the Example that compiles it.
func TestGoOfReadme(t *testing.T) {
	_, shown, _ := strings.Cut(readFile(t, "README.md"), "```go\n")
	shown, _, found := strings.Cut(shown, "```")
	_, compiled, _ := strings.Cut(readFile(t, "vsimlib/trainer/example_test.go"), "ctx := context.Background()\n\n\t")
	compiled = strings.ReplaceAll(strings.TrimSuffix(compiled, "}\n"), "\n\t", "\n")
	if !found || strings.TrimSpace(shown) != strings.TrimSpace(compiled) {
		t.Errorf("the README shows\n%s\nthe example is\n%s", shown, compiled)
	}
	if lines := strings.Count(shown, "\n"); lines > 15 {
		t.Errorf("%d lines of Go, want ten or a few more", lines)
	}
}

// TestCorpusOnPages counts the shipped corpus and holds the pages that describe it to the counts.
func TestCorpusOnPages(t *testing.T) {
	c, err := corpus.Open(filepath.Join("..", "data", "emoji"))
	if err != nil {
		t.Fatal(err)
	}
	count := func(part string) (all, animated int) {
		set, err := c.Part(part)
		if err != nil {
			t.Fatal(err)
		}
		for i := range set.Len() {
			v, err := set.Video(i)
			if err != nil {
				t.Fatal(err)
			}
			if v.NumFrames > 1 {
				animated++
			}
		}
		return set.Len(), animated
	}
	emoji, animated := 0, 0
	for _, part := range []string{"pairwise", "test_a", "test_b"} {
		n, moving := count(part)
		emoji, animated = emoji+n, animated+moving
	}
	pointwise, _ := count("pointwise")
	pairwise, _ := count("pairwise")
	sentence := fmt.Sprintf("%d animated and %d static emoji and %d skin-tone variants", animated, emoji-animated, pointwise-pairwise)
	for _, page := range []string{"README.md", "data/README.md", "data/emoji/README.md"} {
		if text := strings.Join(strings.Fields(readFile(t, page)), " "); !strings.Contains(text, sentence) {
			t.Errorf("%s does not say %q", page, sentence)
		}
	}
}

var (
	scored  = regexp.MustCompile(`[+−]?\.\d{3}\b`)
	decimal = regexp.MustCompile(`-?\d*\.\d{3,}`)
)

// TestFiguresOfStudies finds every three-digit figure of the studies' table and text in a committed table of results.
func TestFiguresOfStudies(t *testing.T) {
	known := map[string]bool{}
	for _, file := range glob(t, "data/results/study-*") {
		for _, number := range decimal.FindAllString(readFile(t, file), -1) {
			if value, err := strconv.ParseFloat(number, 64); err == nil {
				known[fmt.Sprintf("%.3f", max(value, -value))] = true
			}
		}
	}
	_, found, _ := strings.Cut(readFile(t, "vsimlib/docs/studies.md"), "## What they found")
	found, _, _ = strings.Cut(found, "\n## ")
	figures := scored.FindAllString(found, -1)
	for _, figure := range figures {
		if !known["0"+strings.TrimLeft(figure, "+−")] {
			t.Errorf("the figure %s is in no table of data/results", figure)
		}
	}
	if len(figures) < 60 {
		t.Errorf("only %d figures found", len(figures))
	}
}

var meanOfRuns = regexp.MustCompile(`([+−]\.\d{3}) \((\d+)\)`)

// TestLadderOnPage recomputes what was tried for the ladder: each mean difference and its number of runs.
func TestLadderOnPage(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(readFile(t, "data/results/ladder-held-out.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sums, counts := map[string]float64{}, map[string]int{}
	for _, row := range rows[1:] {
		difference, err := strconv.ParseFloat(row[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		change := row[0] + ": " + row[1]
		sums[change], counts[change] = sums[change]+difference, counts[change]+1
	}
	known := map[string]bool{}
	for change, sum := range sums {
		mean := strings.Replace(fmt.Sprintf("%+.3f", sum/float64(counts[change])), "0.", ".", 1)
		known[fmt.Sprintf("%s (%d)", strings.Replace(mean, "-", "−", 1), counts[change])] = true
	}
	_, found, _ := strings.Cut(readFile(t, "vsimlib/docs/studies.md"), "## The ladder")
	found, _, _ = strings.Cut(found, "\n## ")
	figures := meanOfRuns.FindAllString(found, -1)
	for _, figure := range figures {
		if !known[figure] {
			t.Errorf("%s is no mean of the runs in data/results/ladder-held-out.csv", figure)
		}
	}
	if len(figures) < 40 {
		t.Errorf("only %d figures found", len(figures))
	}
}

// TestGrowthOnPage holds the powers of the performance page to the committed sweep.
func TestGrowthOnPage(t *testing.T) {
	var sweep struct {
		Growth struct{ Layers, Width, Batch, Sequence float64 }
	}
	if err := json.Unmarshal([]byte(readFile(t, "data/results/sweep.json")), &sweep); err != nil {
		t.Fatal(err)
	}
	short := func(power float64) string { return strings.TrimPrefix(fmt.Sprintf("%.2f", power), "0") }
	want := fmt.Sprintf("%s over layers, %s over width, %s over batch and %s over sequence",
		short(sweep.Growth.Layers), short(sweep.Growth.Width), short(sweep.Growth.Batch), short(sweep.Growth.Sequence))
	if page := strings.Join(strings.Fields(readFile(t, "vsimlib/docs/performance.md")), " "); !strings.Contains(page, want) {
		t.Errorf("docs/performance.md does not say %q", want)
	}
}
