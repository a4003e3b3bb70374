// SPDX-License-Identifier: Apache-2.0

package run

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
)

const (
	step1 = `{"step":1,"loss":3.5}` + "\n"
	eval1 = `{"step":1,"val_loss":4}` + "\n"
	step2 = `{"step":2,"loss":3.25}` + "\n"
	eval2 = `{"step":2,"val_loss":3}` + "\n"
	step3 = `{"step":3,"loss":3}` + "\n"
	eval3 = `{"step":3,"val_loss":2.5}` + "\n"
)

func TestOpenMetricsCuts(t *testing.T) {
	all := step1 + step2 + eval2 + step3 + eval3
	for _, c := range []struct {
		name, have string
		through    int
		want       string
	}{
		{"no file", "", 7, ""},
		{"everything fits", all, 4, all},
		{"the state's own evaluation", all, 3, step1 + step2 + eval2 + step3},
		{"later steps and evaluations", all, 2, step1 + step2},
		{"back to the start", all, 0, ""},
		{"step zero goes", `{"step":0,"val_loss":9}` + "\n" + all, 0, ""},
		{"all of it", `{"step":0,"val_loss":9}` + "\n" + all, -1, ""},
		{"torn line", step1 + step2 + `{"step":3,"lo`, 9, step1 + step2},
		{"only a torn line", `{"st`, 9, ""},
		{"torn to zeros", step1 + "\x00\x00\x00", 9, step1},
		{"only the newline missing", step1 + strings.TrimSuffix(step2, "\n"), 9, step1 + step2},
		{"out of order", step3 + step1 + eval3 + step2, 2, step1 + step2},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "metrics.jsonl")
			if c.name != "no file" {
				if err := os.WriteFile(path, []byte(c.have), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			m, err := OpenMetrics(path, c.through)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Append(map[string]any{"step": 4}); err != nil {
				t.Fatal(err)
			}
			if err := m.Sync(); err != nil {
				t.Error(err)
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
			if got, want := filetest.Content(t, path), c.want+`{"step":4}`+"\n"; got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// A kill may end the file after any byte: what stays are the whole lines up to the checkpoint's step, each once.
func TestOpenMetricsTornAtEveryByte(t *testing.T) {
	all := step1 + eval1 + step2 + step3
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	for n := range len(all) + 1 {
		if err := os.WriteFile(path, []byte(all[:n]), 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := OpenMetrics(path, 2)
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		m.Close()
		want := ""
		for _, line := range []string{step1, eval1, step2} {
			if n < len(want)+len(line)-1 {
				break
			}
			want += line
		}
		if got := filetest.Content(t, path); got != want {
			t.Fatalf("cut at %d: got\n%swant\n%s", n, got, want)
		}
	}
}

func TestOpenMetricsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	for have, want := range map[string]string{
		step1 + "x" + step2 + step3:           ":2: not a JSON object; repair or remove the line",
		step1 + "\n" + step3:                  ":2: not a JSON object; repair or remove the line",
		"null\n" + step3:                      ":1: not a JSON object; repair or remove the line",
		step1 + `{"loss":1}` + "\n":           `:2: no number "step"; repair or remove the line`,
		step1 + `{"step":"1"}` + "\n" + step3: `:2: no number "step"; repair or remove the line`,
	} {
		if err := os.WriteFile(path, []byte(have), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenMetrics(path, 9); err == nil || err.Error() != path+want {
			t.Errorf("error %v, want %s", err, want)
		}
		if filetest.Content(t, path) != have {
			t.Error("a damaged file was changed")
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	m, err := OpenMetrics(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []any{map[string]any{"step": 1, "loss": math.NaN()}, 7, nil, []int{1}} {
		if err := m.Append(bad); err == nil || !strings.HasPrefix(err.Error(), path+": line not written: ") {
			t.Errorf("%v: error %v", bad, err)
		}
	}
	m.Close()
	if err := m.Append(map[string]any{"step": 1}); err == nil || strings.Count(err.Error(), path) != 1 {
		t.Errorf("after Close: %v", err)
	}
	if filetest.Content(t, path) != "" {
		t.Error("a refused line was written")
	}
}

func TestReadMetrics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	if _, err := ReadMetrics(path); err == nil || !strings.HasPrefix(err.Error(), path+": no such file") {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte(step1+eval2+`{"step":`), 0o666); err != nil {
		t.Fatal(err)
	}
	lines, err := ReadMetrics(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0]["loss"] != 3.5 || lines[1]["val_loss"] != 3.0 {
		t.Errorf("%v", lines)
	}
}

// Any bytes either are cut to the lines through a step or give one line of error, and what stays is read as it is.
func FuzzMetrics(f *testing.F) {
	for _, s := range []string{"", step1, step1 + eval2 + step3, step1 + `{"st`, "{}\n", "null\n\n"} {
		f.Add([]byte(s), 2)
	}
	f.Fuzz(func(t *testing.T, data []byte, through int) {
		rest, err := cut("m", data, through)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		if _, err := goneSteps("m", data, min(through, 1000)); err != nil {
			t.Error(err)
		}
		err = eachLine("m", rest, func(_ []byte, fields map[string]any) error {
			if stepOf(fields) > float64(through) {
				t.Errorf("step %v stayed, through %d", stepOf(fields), through)
			}
			return nil
		})
		if again, errAgain := cut("m", rest, through); err != nil || errAgain != nil || !bytes.Equal(again, rest) {
			t.Errorf("%q was cut to %q, and that to %q (%v, %v)", data, rest, again, err, errAgain)
		}
	})
}

// TestMetricsSum: a run that continues from a state has the lines that the file had then; an altered digit is an error. What the
// run logged after the state does not count, evaluations of its step neither.
func TestMetricsSum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	m, err := OpenMetrics(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[int]string{}
	for step := 1; step <= 3; step++ {
		if err := m.Append(map[string]any{"step": step, "loss": 0.5}); err != nil {
			t.Fatal(err)
		}
		sums[step] = m.Sum()
		if err := m.Append(map[string]any{"step": step, "val_loss": 0.25}); err != nil {
			t.Fatal(err)
		}
		if m.Sum() != sums[step] {
			t.Error("an evaluation of the newest step counts")
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Replace(whole, []byte("0.25"), []byte("0.26"), 1) // of step 1
	for _, c := range []struct {
		data []byte
		step int
		sum  string
		ok   bool
	}{
		{whole, 3, sums[3], true}, {whole, 2, sums[2], true}, {whole, 1, sums[1], true}, {whole, 2, "", true},
		{altered, 3, sums[3], false}, {altered, 1, sums[1], true}, {altered, 3, "", true}, {whole, 2, sums[3], false},
	} {
		if err := os.WriteFile(path, c.data, 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := ResumeMetrics(path, c.step, c.sum)
		if (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(), path+": a line was altered since") {
			t.Errorf("step %d: %v, want %t", c.step, err, c.ok)
		}
		if err != nil {
			continue
		}
		if c.sum != "" && m.Sum() != c.sum {
			t.Errorf("step %d: the sum of the lines that stay is another", c.step)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
