// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/third-party.md")

// licences are recognised by a sentence of their text.
var licences = []struct{ name, sentence string }{
	{"OFL-1.1", "SIL OPEN FONT LICENSE"},
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD-3-Clause", "Neither the name of"},
	{"BSD-3-Clause", "name of the copyright holder nor the names"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce"},
	{"FreeType or GPL-2.0", "FreeType License"},
	{"CC-BY-4.0", "Attribution 4.0 International"},
	{"CC0-1.0", "released into the public domain with CC0 1.0"},
}

// licenceOf names the licences in a module's folder, from its files LICENSE, License.txt, LICENSE-SIL and the like.
func licenceOf(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() || !strings.HasPrefix(strings.ToLower(e.Name()), "licen") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		text := strings.Join(strings.Fields(string(data)), " ")
		for _, l := range licences {
			if strings.Contains(text, l.sentence) {
				names = append(names, l.name)
				break
			}
		}
	}
	if len(names) == 0 {
		return "", fmt.Errorf("%s: no licence is recognised", dir)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", "), nil
}

// moduleTable lists every module that is compiled into the command, the notebooks or the tools, with its licence.
func moduleTable(t *testing.T) string {
	t.Helper()
	format := "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}"
	list := exec.Command("go", "list", "-deps", "-f", format, "./...", "tool")
	list.Dir = ".."
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(strings.ReplaceAll(string(out), "\t", "|"))
	slices.Sort(lines)
	var table strings.Builder
	table.WriteString("| module | licence |\n| --- | --- |\n")
	for _, line := range slices.Compact(lines) {
		module, dir, _ := strings.Cut(line, "|")
		licence, err := licenceOf(dir)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(&table, "| %s | %s |\n", module, licence)
	}
	return table.String()
}

// TestThirdParty compares the list of modules in docs/third-party.md with those that are compiled in.
func TestThirdParty(t *testing.T) {
	const page = "docs/third-party.md"
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), "| module | licence |\n")
	if !found {
		t.Fatalf("%s has no table of modules", page)
	}
	after := ""
	if _, tail, ok := strings.Cut(rest, "\n\n"); ok {
		after = "\n" + tail
	}
	want := before + moduleTable(t) + after
	if want == string(data) {
		return
	}
	if !*update {
		t.Fatalf("%s does not list the modules that are compiled in: run go test ./vsimlib -run ThirdParty -update", page)
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
