// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	sourceCall = regexp.MustCompile(`(?s)nb\.Source\((.*?)\)\)`)
	sourceName = regexp.MustCompile(`"([^"]+)"`)
	sourceLine = regexp.MustCompile(`:\d+</summary>`)
	sourceNote = regexp.MustCompile("</summary><p>.*?</p>") // of an edit just now
)

// foldStart begins what a rendered notebook has of nb.Source.
const foldStart = "<details><summary><code>"

// outputsNote is above the last cell, whose commit may be an earlier one, of every notebook with sources or texts of Saw.
const outputsNote = "\n\nThe commit below computed the numbers. Folded sources and the words around the numbers are those of the checkout " +
	"that has this file: they are rendered anew when they are edited.\n\n"

// TestCommittedSources: what a rendered notebook shows of a function is the function of today, wherever in its file that is now.
// VSIM_RENDER_SOURCES=1 renders these outputs anew, and no others.
func TestCommittedSources(t *testing.T) {
	root, paths := committed(t)
	t.Setenv("VSIM_ROOT", root)
	calls := 0
	for _, path := range paths {
		renderAnew(t, path, "VSIM_RENDER_SOURCES", func(c nbCell, replace func(shown, now string)) {
			var names, shown []string
			for _, call := range sourceCall.FindAllStringSubmatch(string(c.Source), -1) {
				for _, name := range sourceName.FindAllStringSubmatch(call[1], -1) {
					names = append(names, name[1])
				}
			}
			for _, o := range c.Outputs {
				if html := string(o.Data["text/html"]); strings.HasPrefix(html, foldStart) {
					shown = append(shown, html)
				}
			}
			if calls += len(names); len(shown) != len(names) {
				t.Errorf("%s: cell %s shows %d sources for %d names", filepath.Base(path), c.ID, len(shown), len(names))
				return
			}
			for i, name := range names {
				replace(shown[i], sourceNow(t, name, shown[i], path))
			}
		})
	}
	if calls == 0 {
		t.Error("no notebook shows a source")
	}
}

// TestCommittedSaw: what a rendered notebook shows of Saw is the text of today, of the committed results. VSIM_RENDER_SAW=1 renders
// these outputs anew, and no others.
func TestCommittedSaw(t *testing.T) {
	calls := 0
	for _, path := range committedResults(t) {
		renderAnew(t, path, "VSIM_RENDER_SAW", func(c nbCell, replace func(shown, now string)) {
			for _, call := range sawCall.FindAllStringSubmatch(string(c.Source), -1) {
				calls++
				words, err := said(Saw(call[1]))
				if err != nil {
					t.Fatal(err)
				}
				if len(c.Outputs) != 1 {
					t.Fatalf("%s: cell %s shows %d outputs, want one text", filepath.Base(path), c.ID, len(c.Outputs))
				}
				shown, now := string(c.Outputs[0].Data["text/markdown"]), strings.TrimRight(words, "\n")
				if shown != now && os.Getenv("VSIM_RENDER_SAW") == "" {
					t.Errorf("%s: the text of %s was edited: VSIM_RENDER_SAW=1 go test ./vsimlib/nb -run CommittedSaw", filepath.Base(path),
						call[1])
				}
				replace(shown, now)
			}
		})
	}
	if calls == 0 {
		t.Error("no notebook shows a text of Saw")
	}
}

// renderAnew calls each for the code cells of a notebook, with a function that replaces an output, and writes the notebook where a
// variable of the environment is set.
func renderAnew(t *testing.T, path, variable string, each func(c nbCell, replace func(shown, now string))) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, c := range readNotebook(t, path).code() {
		each(c, func(shown, now string) { text = strings.Replace(text, jsonLines(t, shown), jsonLines(t, now), 1) })
	}
	if os.Getenv(variable) != "" && text != string(data) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOutputsNote: a notebook whose outputs can be newer than its commit says so.
func TestOutputsNote(t *testing.T) {
	_, paths := committed(t)
	for _, path := range paths {
		nb := readNotebook(t, path)
		newer := slices.ContainsFunc(nb.code(), func(c nbCell) bool {
			return strings.Contains(string(c.Source), "nb.Source(") || strings.Contains(string(c.Source), "nb.Saw(")
		})
		if last := nb.Cells[len(nb.Cells)-2]; strings.Contains(string(last.Source), outputsNote) != newer {
			t.Errorf("%s: shows sources or a text of Saw: %t; cell %s says the opposite", filepath.Base(path), newer, last.ID)
		}
	}
}

// sourceNow is what nb.Source shows of a name today. It is an error where that differs from what a notebook shows, unless it is to
// be rendered.
func sourceNow(t *testing.T, name, shown, path string) string {
	t.Helper()
	view, err := Source(name)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	now := sourceNote.ReplaceAllString(view[0].(htmlView).HTML.HTML(), "</summary>")
	same := sourceLine.ReplaceAllString(now, "") == sourceLine.ReplaceAllString(shown, "")
	if !same && os.Getenv("VSIM_RENDER_SOURCES") == "" {
		t.Errorf("%s: %s was edited: VSIM_RENDER_SOURCES=1 go test ./vsimlib/nb -run CommittedSources", filepath.Base(path), name)
	}
	return now
}

// jsonLines is text as a notebook's file has it: a list of its lines.
func jsonLines(t *testing.T, text string) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		var out strings.Builder
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, "       "+strings.TrimSpace(out.String()))
	}
	return strings.Join(lines, ",\n")
}
