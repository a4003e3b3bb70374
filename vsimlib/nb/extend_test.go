// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
)

// cellsOfPage are the programs of the Go blocks of docs/extend.md.
func cellsOfPage(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "extend.md"))
	if err != nil {
		t.Fatal(err)
	}
	var n notebook
	for i, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(page, -1) {
		n.Cells = append(n.Cells, nbCell{Type: "code", ID: fmt.Sprint(i + 1), Source: prose(block[1])})
	}
	list, err := programs(n)
	if err != nil || len(list) < 7 {
		t.Fatalf("%d cells, %v", len(list), err)
	}
	return list
}

// TestPageExtend compiles the cells of docs/extend.md, and runs them in their order at scale tiny on the pure Go backend, with a
// corpus of generated pictures.
func TestPageExtend(t *testing.T) {
	root, _ := committed(t)
	dir := t.TempDir()
	overlay := map[string]string{}
	args := []string{"build", "-ldflags=-s -w", "-o", dir + string(filepath.Separator)} // as the kernel links a cell
	if testing.Short() {
		args = []string{"list", "-export"} // without linking
	}
	args = append(args, "-overlay", filepath.Join(dir, "overlay.json"))
	list := cellsOfPage(t)
	for i, program := range list {
		name := fmt.Sprintf("zz_extend%d", i+1)
		filetest.Write(t, filepath.Join(dir, name+".go"), program)
		overlay[filepath.Join(root, "vsimlib", "nb", name, "main.go")] = filepath.Join(dir, name+".go")
		args = append(args, "./vsimlib/nb/"+name)
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	filetest.Write(t, filepath.Join(dir, "overlay.json"), string(data))
	goIn(t, root, args...)
	if testing.Short() {
		return
	}
	clips(t, filepath.Join(dir, "my-clips"))
	goIn(t, root, "run", "./data/clips", "--clips", filepath.Join(dir, "my-clips"), "--out", filepath.Join(dir, "data/runs/my-corpus"))
	if err := os.Mkdir(filepath.Join(dir, "notebooks"), 0o777); err != nil {
		t.Fatal(err)
	}
	w := settle(t)
	for i := range list {
		cell := exec.CommandContext(t.Context(), filepath.Join(dir, fmt.Sprintf("zz_extend%d", i+1)))
		cell.Dir = filepath.Join(dir, "notebooks")
		cell.Env = append(append(os.Environ(), w.Env()...), "GOMLX_BACKEND=go")
		if out, err := cell.CombinedOutput(); err != nil {
			t.Errorf("cell %d: %v\n%s", i+1, err, out)
		}
	}
}

// TestPageExtendProgram builds a cell of docs/extend.md as that page says, in a module outside the clone.
func TestPageExtendProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("links a program of all packages")
	}
	root, _ := committed(t)
	dir := t.TempDir()
	sums, err := os.ReadFile(filepath.Join(root, "go.sum")) // go mod tidy would fetch them
	if err != nil {
		t.Fatal(err)
	}
	filetest.Write(t, filepath.Join(dir, "go.sum"), string(sums))
	cells := cellsOfPage(t)
	loss := slices.IndexFunc(cells, func(c string) bool { return strings.Contains(c, "nb.PairLoss(") })
	filetest.Write(t, filepath.Join(dir, "main.go"), cells[max(loss, 0)])
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	goIn(t, dir, "mod", "init", "mine")
	goIn(t, dir, "mod", "edit", "-require", "vsim@v0.0.0", "-replace", "vsim="+root)
	goIn(t, dir, "build", "-ldflags=-s -w", ".")
	program := exec.CommandContext(t.Context(), filepath.Join(dir, "mine"))
	program.Dir, program.Env = dir, append(os.Environ(), "VSIM_ROOT=", "GOMLX_BACKEND=go")
	if out, err := program.CombinedOutput(); err == nil || !strings.Contains(string(out), "set VSIM_ROOT to the checkout") {
		t.Errorf("without VSIM_ROOT: %v\n%s", err, out)
	}
	program = exec.CommandContext(t.Context(), filepath.Join(dir, "mine"))
	program.Dir = dir
	program.Env = append(os.Environ(), "VSIM_ROOT="+root, "VSIM_RUNS="+filepath.Join(dir, "runs"), "GOMLX_BACKEND=go")
	if out, err := program.CombinedOutput(); err != nil || !strings.Contains(string(out), "own:") {
		t.Errorf("%v\n%s", err, out)
	}
}

// goIn runs the go command in a directory.
func goIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", args[0], err, out)
	}
}

// clips makes a folder of pictures of one colour each; pairs are as similar as their colours.
func clips(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	var titles, pairs strings.Builder
	const n = 60
	shade := func(i int) int { return 37 * i % 101 }
	for i := range n {
		picture := image.NewGray(image.Rect(0, 0, 8, 8))
		for at := range picture.Pix {
			picture.Pix[at] = uint8(2 * shade(i))
		}
		picture.Set(0, 0, color.White)
		file, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.png", i)))
		if err == nil {
			err = png.Encode(file, picture)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&titles, "%d.png\t灰%d\t%d\n", i, shade(i)/25, i%3)
		for j := range i {
			if (i*7+j)%9 == 0 || i%5 == 4 && j%5 == 4 { // the held-out ones too: ids count from 1
				fmt.Fprintf(&pairs, "%d.png\t%d.png\t%.2f\n", i, j, 1-float64(max(shade(i)-shade(j), shade(j)-shade(i)))/101)
			}
		}
	}
	filetest.Write(t, filepath.Join(dir, "titles.tsv"), titles.String())
	filetest.Write(t, filepath.Join(dir, "pairs.tsv"), pairs.String())
}
