// SPDX-License-Identifier: Apache-2.0

// Package pjrttabletest compares the structs and indices that C files of vsim declare with the header of the PJRT C API that go-xla
// is built from: the C compiler refuses a struct of another size, a field at another offset or of another name, and a function at
// another index.
package pjrttabletest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Before is the size of what PJRT_Api has before its functions.
const Before = 40

// Compare compares a header, of this text, in the folder of the package under test with go-xla's. structs pairs its structs with
// the header's, functions the names of its indices with the table's fields.
func Compare(t *testing.T, file, text string, structs, functions map[string]string) {
	t.Helper()
	source := assertions(t, file, text, structs, functions)
	if out, err := Compiles(t, source); err != nil {
		t.Errorf("%s is not pjrt_c_api.h of this go-xla:\n%s", file, out)
	}
	for name := range functions {
		if _, err := Compiles(t, strings.Replace(source, "index_"+name, "index_"+name+" + 1", 1)); err == nil {
			t.Errorf("a wrong index of %s compiles", name)
		}
	}
}

// Compiles compiles a source that may include go-xla's headers and those of the package under test.
func Compiles(t *testing.T, source string) (output []byte, err error) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "header.c")
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	include := filepath.Join(strings.TrimSpace(string(dir)), "pjrt")
	return exec.Command("cc", "-fsyntax-only", "-I", here, "-I", include, file).CombinedOutput()
}

// assertions writes a C file that asserts what a header says of each struct, field and index.
func assertions(t *testing.T, file, text string, structs, functions map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#include \"pjrt_c_api.h\"\n#include %q\n", file)
	equal := func(a, b string) string { return fmt.Sprintf("_Static_assert(%s == %s, %q);\n", a, b, a) }
	found := 0
	each := regexp.MustCompile(`(?s)typedef struct \{\n  ARGUMENTS;\n(.*?)\} (\w+);`)
	for _, m := range each.FindAllStringSubmatch(text, -1) {
		theirs := structs[m[2]]
		if theirs == "" {
			t.Fatalf("struct %s has no pair", m[2])
		}
		found++
		b.WriteString(equal("sizeof("+m[2]+")", "sizeof("+theirs+")"))
		for _, f := range regexp.MustCompile(`(\w+);|\(\*(\w+)\)\(`).FindAllStringSubmatch(m[1], -1) {
			name := f[1] + f[2]
			b.WriteString(equal("offsetof("+m[2]+", "+name+")", "offsetof("+theirs+", "+name+")"))
		}
	}
	for _, m := range regexp.MustCompile(`index_(\w+) = \d+`).FindAllStringSubmatch(text, -1) {
		if functions[m[1]] == "" {
			t.Fatalf("index %s has no pair", m[1])
		}
		found++
		b.WriteString(equal(fmt.Sprintf("%d + sizeof(void *) * (index_%s)", Before, m[1]), "offsetof(PJRT_Api, "+functions[m[1]]+")"))
	}
	if found != len(structs)+len(functions) {
		t.Fatalf("%d structs and indices, want %d", found, len(structs)+len(functions))
	}
	return b.String()
}
