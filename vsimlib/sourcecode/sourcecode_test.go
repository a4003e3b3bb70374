// SPDX-License-Identifier: Apache-2.0

package sourcecode

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/provenance"
)

const root = "../.."

// TestFind finds functions, methods, types and values, exported or not, with their comments, at the line that the file has them.
func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"losses.FrameNCE":                        "func FrameNCE(",
		"step.Step.Advance":                      "func (s *Step) Advance(",
		"multimodal.Model.RawEmbedding":          "func (m Model) RawEmbedding(",
		"rank.Spearman":                          "func Spearman(",
		"embeddings.Set":                         "type Set struct {",
		"ensemble.decompose":                     "func decompose(",
		"cli.ExitUsage":                          "ExitUsage  = 2",
		"plots/figure.Figure":                    "type Figure struct {",
		"figure.Figure":                          "type Figure struct {",
		"recipe.Pretrain":                        "type Pretrain struct {",
		"sourcecode.TestFind_is_not_found_at_al": "",
	} {
		s, err := Find(root, name)
		if want == "" {
			if err == nil {
				t.Errorf("%s: found", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		lines := strings.Split(filetest.Content(t, filepath.Join(root, s.File)), "\n")
		if !strings.Contains(s.Code, want) || !strings.Contains(lines[s.Line-1], want) {
			t.Errorf("%s: %s:%d is %q; code\n%s", name, s.File, s.Line, lines[s.Line-1], s.Code)
		}
	}
	s, err := Find(root, "losses.FrameNCE")
	whole := strings.HasPrefix(s.Code, "// FrameNCE ") && strings.HasSuffix(s.Code, "\n}")
	if err != nil || !whole || !strings.Contains(s.Code, "E3") {
		t.Errorf("%v, %s", err, s.Code)
	}
}

// TestEquations: every function that the map of the library names with an equation is found.
func TestEquations(t *testing.T) {
	found := regexp.MustCompile(`(?m)^//\tE\d+ .* ([a-z]+\.[A-Za-z.]+)$`).FindAllStringSubmatch(filetest.Content(t, "../doc.go"), -1)
	if len(found) < 11 {
		t.Errorf("the map has %d equations", len(found))
	}
	for _, f := range found {
		if _, err := Find(root, f[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestUnknown names have the nearest ones.
func TestUnknown(t *testing.T) {
	for name, want := range map[string]string{
		"losses.FrameNEC":  "did you mean losses.FrameNCE",
		"losses.framence":  "losses.FrameNCE",
		"loses.FrameNCE":   "did you mean gloss or lines or losses?",
		"step.Stp.Advance": "step.Step.Advance",
		"FrameNCE":         "want package.Name",
		"losses.":          "want package.Name",
		"nowhere.X":        "vsim has no package nowhere",
		"../x.Y":           "want package.Name",
	} {
		if _, err := Find(root, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestHTML escapes the code, colours its tokens, and loses nothing of it.
func TestHTML(t *testing.T) {
	s := Source{Name: "p.F", File: "vsimlib/p/f.go", Line: 3}
	s.Code = "// F is a<b.\nfunc F(x int) string {\n\treturn \"<b>\" + '&' // 1\n}"
	got := s.HTML()
	for _, want := range []string{"<details><summary><code>p.F</code> vsimlib/p/f.go:3</summary>", "// F is a&lt;b.</span>",
		keywordColor + `">func</span>`, nameColor + `">F</span>(x int) string`, `">&#34;&lt;b&gt;&#34;</span>`, "    <span"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "<details open") {
		t.Error("the fold is open")
	}
	s, err := Find(root, "losses.FrameNCE")
	if err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile("<[^>]*>").ReplaceAllString(s.HTML(), "")
	for old, character := range map[string]string{"&#34;": `"`, "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"} {
		bare = strings.ReplaceAll(bare, old, character)
	}
	if !strings.HasSuffix(bare, strings.ReplaceAll(s.Code, "\t", "    ")) {
		t.Errorf("the HTML lost some of the code:\n%s", bare)
	}
	if want := s.File + ":" + strconv.Itoa(s.Line); !strings.Contains(s.String(), want) {
		t.Errorf("no %s in %s", want, s)
	}
}

// TestDoubt: another checkout, and a file that was changed since the program was built.
func TestDoubt(t *testing.T) {
	if why := doubt(root, "vsimlib/sourcecode/build.go"); why != "" {
		t.Errorf("of the program's own source: %s", why)
	}
	other := t.TempDir()
	if err := os.MkdirAll(filepath.Join(other, "vsimlib", "p"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filetest.Write(t, filepath.Join(other, "vsimlib", "p", "f.go"), "package p\n\nfunc F() {}\n")
	s, err := Find(other, "p.F")
	if provenance.BuiltFrom() != "" && (err != nil || !strings.Contains(s.Note, "was built from ")) {
		t.Errorf("%+v, %v", s, err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if provenance.BuiltFrom() == "" {
		if s, err = Find(other, "p.F"); err != nil || !strings.Contains(s.Note, "after this program was built") {
			t.Errorf("%+v, %v", s, err)
		}
	}
}
