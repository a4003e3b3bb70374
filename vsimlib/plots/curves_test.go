// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/plots/figure"
)

// points draws a figure and returns what is in its CSV, without the header.
func points(t *testing.T, f figure.Figure) (rows []string, alt string) {
	t.Helper()
	dir := t.TempDir()
	png, alt, err := f.Write(dir, "f")
	if err != nil {
		t.Fatal(err)
	}
	if shades := shadesOf(t, png); shades < 3 {
		t.Errorf("%d shades", shades)
	}
	data, err := os.ReadFile(filepath.Join(dir, "f.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")[1:], alt
}

func TestCurves(t *testing.T) {
	dir := t.TempDir()
	a, b := pretrained(t, filepath.Join(dir, "a", "pretrain"), 70), finetuned(t, filepath.Join(dir, "b"), 60)
	rows, alt := points(t, Curves("lr", "learning rate", a, b)) // which b did not log
	if len(rows) != 70 || rows[69] != "a,lr,70,0.001,0.001" || alt != "lr over training steps: a from 0.001 to 0.001 at step 70. " {
		t.Errorf("%d rows, %q, %q", len(rows), rows[len(rows)-1], alt)
	}
	rows, alt = points(t, Overlay(a, b))
	if !strings.Contains(alt, "loss over training steps: a from") || !strings.Contains(alt, "; b from") ||
		!strings.Contains(alt, "val_spearman over training steps: b from") || len(rows) != 70+60+2+2+2 {
		t.Errorf("%d rows, %q", len(rows), alt)
	}
	if _, _, err := Curves("val_los", "", a).Write(dir, "f"); err == nil ||
		!strings.Contains(err.Error(), `no run logged "val_los"; the nearest is "val_loss"`) {
		t.Error(err)
	}
	data, err := Curves("loss", "", a).Encode(".svg")
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, data)
	if _, err := Curves("loss", "", a).Encode(".pdf"); err == nil {
		t.Error("a PDF was made")
	}
}

func TestColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("cell,seed,size,score\nsmall,1,10,0.5\nlarge,1,10,0.25\nsmall,2,20,0.75\nlarge,2,,0.5\n")
	rows, alt := points(t, Columns(path, "size", "score"))
	if got := strings.Join(rows, " "); got != "small,10,0.5 small,20,0.75 large,10,0.25" ||
		alt != "score against size of t.csv: 3 points, 2 series." {
		t.Errorf("%q, %q", got, alt)
	}
	var long strings.Builder
	for i := range 100 {
		long.WriteString(strconv.Itoa(i) + ",1\n")
	}
	for text, why := range map[string]string{
		"":                                "no rows under a header",
		"x,y\n":                           "no rows under a header",
		"x,z\n1,2\n":                      `no column "y"; the nearest is "x" of x, z`,
		"x,y\n1,\n":                       "no row has both columns",
		"x,y\n1,two\n":                    `"two" is not a number`,
		"x,y\n1\n":                        "is no CSV",
		"n,x,y\na,1,1" + "\n" + names(13): "more than 12 series",
	} {
		write(text)
		if _, err := Columns(path, "x", "y").Encode(".svg"); err == nil || !strings.Contains(err.Error(), why) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
	write("x,y\n" + long.String())
	if rows, _ := points(t, Columns(path, "x", "y")); len(rows) != 100 {
		t.Errorf("%d rows", len(rows))
	}
	if _, err := Columns(path+"none", "x", "y").Encode(".svg"); err == nil {
		t.Error("a file that does not exist is drawn")
	}
}

// names are rows with a name of their own each.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("name " + strconv.Itoa(i) + ",1,1\n")
	}
	return b.String()
}
