// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "vsim/vsimlib/heaptest"
)

// rule is what a package may import: packages of lower layers than its own, and GoMLX or not.
type rule struct {
	layer int
	gomlx bool
}

// packages lists every package. A new one is entered here first.
var packages = map[string]rule{
	"atomicfile":                {0, false},
	"atomicfile/atomicfiletest": {1, false},
	"cachedir":                  {0, false},
	"confidence":                {1, false},
	"competition":               {0, false},
	"components":                {0, false},
	"dense":                     {0, false},
	"pjrttable":                 {1, false},
	"pjrttable/pjrttabletest":   {0, false},
	"asyncexec":                 {2, false},
	"half":                      {0, false},
	"lock":                      {0, false},
	"lowering":                  {0, true},
	"pace":                      {0, false},
	"parallel":                  {0, false},
	"proc":                      {0, false},
	"provenance":                {0, false},
	"rank":                      {0, false},
	"seed":                      {0, false},
	"text":                      {0, false},
	"filetest":                  {0, false},
	"heaptest":                  {0, false},
	"filetype":                  {0, false},
	"tfrecord":                  {1, false},
	"lines":                     {1, false},
	"compilecache":              {1, true},
	"jsonfile":                  {1, false},
	"outdir":                    {1, false},
	"safetensors":               {1, false},
	"wheel":                     {1, false},
	"compilecache/ondisk":       {2, false},
	"manifest":                  {2, false},
	"plugin":                    {2, false},
	"run":                       {2, false},
	"run/outcome":               {3, false},
	"backends":                  {3, true},
	"corpus":                    {3, false},
	"corpus/fault":              {2, false},
	"corpus/fileindex":          {2, false},
	"corpus/gloss":              {4, false},
	"corpus/schema":             {2, false},
	"embeddings":                {3, false},
	"jupyter":                   {3, false},
	"kernel":                    {3, false},
	"kernel/code":               {2, false},
	"kernel/wire":               {2, false},
	"recipe":                    {3, false},
	"slurm":                     {3, false},
	"tensorboard":               {3, false},
	"tokenizer":                 {3, false},
	"results":                   {4, false},
	"report":                    {5, false},
	"results/resultstest":       {5, false},
	"product":                   {4, true},
	"runid":                     {4, false},
	"runs":                      {10, false},
	"runs/runstest":             {10, false},
	"backends/backendstest":     {5, true},
	"backends/otherbackend":     {5, true},
	"sourcecode":                {4, false},
	"split":                     {4, false},
	"batch":                     {5, true},
	"bert":                      {5, true},
	"ensemble":                  {5, false},
	"ensemble/gain":             {0, false},
	"study/prediction":          {10, false},
	"evaluate":                  {5, false},
	"baseline":                  {5, false},
	"modelcard":                 {5, false},
	"neighbours":                {5, false},
	"pca":                       {4, false},
	"optim":                     {5, true},
	"own":                       {5, true},
	"own/choose":                {10, false},
	"own/owntest":               {6, true},
	"slurm/slurmtest":           {5, false},
	"submit":                    {5, false},
	"synth":                     {5, false},
	"study":                     {9, false},
	"study/grid":                {10, false},
	"study/grid/option":         {11, false},
	"study/score":               {10, false},
	"study/studytest":           {6, false},
	"study/table":               {11, false},
	"study/task":                {6, false},
	"study/work":                {11, false},
	"checkpoint":                {6, true},
	"losses":                    {6, true},
	"multimodal":                {6, true},
	"huggingface":               {8, true},
	"checkpoint/saver":          {7, true},
	"memplan":                   {7, false},
	"modelcopy":                 {8, false},
	"step":                      {7, true},
	"arithmetic":                {8, true},
	"lookahead":                 {6, false},
	"cli":                       {10, false},
	"inference":                 {9, true},
	"inspect":                   {10, true},
	"inspect/predict":           {11, true},
	"trainer":                   {9, true},
	"verify":                    {7, false},
	"bench":                     {10, true},
	"plots":                     {10, false},
	"plots/diagram":             {5, false},
	"plots/figure":              {5, false},
	"plots/picked":              {6, false},
	"plots/studyplots":          {6, false},
	"plots/sheet":               {6, false},
	"targets":                   {6, false},
	"workspace":                 {10, false},
	"workspace/looks":           {12, true},
	"workspace/rendered":        {1, false},
	"workspace/studies":         {12, false},
	"nb":                        {13, false},
	"cli/checkout":              {12, false},
	"cli/measure":               {12, false},
	"cli/pipeline":              {12, false},
	"cmd/vsim":                  {13, false},
	"":                          {13, false}, // this folder: the map and these tests
}

// testOnly may be imported by tests, whatever their layer, by one another, and by nothing else.
var testOnly = []string{"atomicfile/atomicfiletest", "backends/backendstest", "backends/otherbackend", "filetest",
	"heaptest", "results/resultstest", "runs/runstest", "slurm/slurmtest", "study/studytest"}

const module = "vsim/vsimlib"

// source is one parsed Go file.
type source struct {
	path string // below vsimlib, with slashes
	pkg  string // its folder
	test bool
	ast  *ast.File
	fset *token.FileSet
}

// sources parses every Go file of the library.
func sources(t *testing.T, mode parser.Mode) []source {
	t.Helper()
	var list []source
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && file != ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(file) != ".go" {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, nil, mode)
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(file)
		pkg := path.Dir(slashed)
		if pkg == "." {
			pkg = ""
		}
		list = append(list, source{slashed, pkg, strings.HasSuffix(file, "_test.go"), parsed, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("only %d Go files found", len(list))
	}
	return list
}

// TestLayers holds every import to the map in doc.go: only packages of lower layers (a test may also use its own layer), and
// GoMLX only where there is a star.
func TestLayers(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sources(t, parser.ImportsOnly) {
		own, known := packages[s.pkg]
		if !known {
			t.Errorf("%s: package %q has no layer: enter it in the table of this test and in doc.go", s.path, s.pkg)
			continue
		}
		seen[s.pkg] = true
		for _, spec := range s.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := forbidden(s, own, imported); why != "" {
				t.Errorf("%s: imports %s: %s", s.path, imported, why)
			}
		}
	}
	for _, required := range []string{"trainer", "corpus", "cmd/vsim"} {
		if !seen[required] {
			t.Errorf("no file of package %s was looked at", required)
		}
	}
}

// forbidden says why a file may not import a package, or "".
func forbidden(s source, own rule, imported string) string {
	if strings.HasPrefix(imported, "github.com/gomlx/") && !own.gomlx {
		return "package " + s.pkg + " has no star, so it may not import GoMLX"
	}
	if imported != module && !strings.HasPrefix(imported, module+"/") {
		return ""
	}
	name := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
	other, known := packages[name]
	switch {
	case !known:
		return "it has no layer"
	case slices.Contains(testOnly, name):
		if !s.test && !slices.Contains(testOnly, s.pkg) {
			return "it is for tests"
		}
	case s.test && name == s.pkg:
	case other.layer > own.layer || other.layer == own.layer && !s.test:
		return "layer " + strconv.Itoa(own.layer) + " may import lower layers only, and it is of layer " + strconv.Itoa(other.layer)
	}
	return ""
}

// TestForbidden shows that the rules above can fail.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		test, allowed bool
	}{
		{"corpus", "vsim/vsimlib/tfrecord", false, true},
		{"corpus", "vsim/vsimlib/tokenizer", false, false},
		{"corpus", "vsim/vsimlib/batch", false, false},
		{"corpus", "vsim/vsimlib/batch", true, false},
		{"corpus", "github.com/gomlx/gomlx/core/graph", false, false},
		{"corpus", "gonum.org/v1/gonum/mat", false, true},
		{"batch", "github.com/gomlx/gomlx/core/graph", false, true},
		{"optim", "vsim/vsimlib/backends/backendstest", true, true},
		{"optim", "vsim/vsimlib/backends/backendstest", false, false},
		{"optim", "vsim/vsimlib/optim", true, true},
		{"inference", "vsim/vsimlib/trainer", true, true},
		{"trainer", "vsim/vsimlib/nowhere", false, false},
		{"tfrecord", "vsim/vsimlib", false, false},
	} {
		why := forbidden(source{pkg: c.pkg, test: c.test}, packages[c.pkg], c.imported)
		if (why == "") != c.allowed {
			t.Errorf("%s importing %s (test: %t): %q, want allowed %t", c.pkg, c.imported, c.test, why, c.allowed)
		}
	}
}
