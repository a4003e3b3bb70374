// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
)

// Report is the JSON file of a check, with every program.
type Report struct {
	Check    string   `json:"check"`
	Compiler string   `json:"compiler"`
	Commit   string   `json:"commit"`
	Date     string   `json:"date"`
	OK       bool     `json:"ok"`
	Faults   []string `json:"faults"`
	Programs []Result `json:"programs"`
}

// Row is a case in one arithmetic for one card, in the summary: how many programs it makes, and the figures of the one with most
// kernels, which is the training step where there is one.
type Row struct {
	Case       string  `json:"case"`
	Arithmetic string  `json:"arithmetic"`
	Target     string  `json:"target"`
	Programs   int     `json:"programs"`
	Compiled   int     `json:"compiled"`
	CPUSeconds float64 `json:"cpu_seconds"` // of all

	Arguments   int64   `json:"arguments"` // bytes, this and the next two
	Temporaries int64   `json:"temporaries"`
	Peak        int64   `json:"peak"`
	Kernels     int     `json:"kernels"`
	Moved       int64   `json:"bytes_moved"`
	FLOPs       float64 `json:"flops"`
	WideShare   float64 `json:"wide_share"` // of the FLOPs in more than 16 bits
	RooflineMS  float64 `json:"roofline_ms"`
}

// summary is the file of --summary.
type summary struct {
	About string `json:"about"`
	Rows  []Row  `json:"rows"`
}

const aboutSummary = "Programs of vsim compiled for GPUs that were not there, by docker/gpu-aot: planned, not run."

// report writes the files that are asked for.
func report(o options, results []Result, faults []string) error {
	commit := "unknown"
	if out, err := exec.Command("git", "-C", o.root, "rev-parse", "HEAD").Output(); err == nil {
		commit = strings.TrimSpace(string(out))
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return err
	}
	date := time.Now().UTC().Format(time.RFC3339)
	r := Report{"gpu-aot", compilerVersion, commit, date, len(faults) == 0, append([]string{}, faults...), results}
	if err := jsonfile.Write(o.out, r); err != nil || o.summary == "" {
		return err
	}
	s := summary{About: aboutSummary}
	if jsonfile.Exists(o.summary) {
		if err := jsonfile.ReadStrict(o.summary, &s); err != nil {
			return err
		}
	}
	s.merge(rows(results))
	return s.write(o.summary)
}

// rows sums the results up.
func rows(results []Result) []Row {
	var list []Row
	largest := map[string]int{} // kernels
	for _, r := range results {
		name, arithmetic, _ := strings.Cut(caseOf(r.Program), "/")
		at := slices.IndexFunc(list, func(row Row) bool {
			return row.Case == name && row.Arithmetic == arithmetic && row.Target == r.Target
		})
		if at < 0 {
			at, list = len(list), append(list, Row{Case: name, Arithmetic: arithmetic, Target: r.Target})
		}
		row := &list[at]
		row.Programs++
		row.CPUSeconds = rounded(row.CPUSeconds + r.CPUSeconds)
		if r.Failure == "" {
			row.Compiled++
		}
		if key := caseOf(r.Program) + "/" + r.Target; r.Kernels > largest[key] {
			largest[key] = r.Kernels
			row.fill(r)
		}
	}
	return list
}

// fill takes the figures of a program.
func (row *Row) fill(r Result) {
	row.Arguments, row.Temporaries, row.Peak = r.Arguments, r.Temporaries, r.Peak
	row.Kernels, row.Moved, row.RooflineMS = r.Kernels, r.Moved, r.Roofline.Total
	row.WideShare, row.FLOPs = rounded(r.wideShare()), 0
	for _, flops := range r.FLOPs {
		row.FLOPs += flops
	}
}

// merge replaces rows by newer ones and adds the others, in the order of the cases.
func (s *summary) merge(newer []Row) {
	same := func(a Row) func(Row) bool {
		return func(b Row) bool { return a.Case == b.Case && a.Arithmetic == b.Arithmetic && a.Target == b.Target }
	}
	s.Rows = slices.DeleteFunc(s.Rows, func(old Row) bool { return slices.ContainsFunc(newer, same(old)) })
	s.Rows = append(s.Rows, newer...)
	rank := func(r Row) int {
		return 10*slices.IndexFunc(cases, func(c Case) bool { return c.Name == r.Case }) +
			slices.IndexFunc(arithmetics, func(a Arithmetic) bool { return a.Name == r.Arithmetic })
	}
	slices.SortStableFunc(s.Rows, func(a, b Row) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a.Target, b.Target)) })
}

// write writes a row a line.
func (s summary) write(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "{\"about\": %q,\n\"rows\": [", s.About); err != nil {
			return err
		}
		return lines(w, s.Rows)
	})
}

// lines writes the elements of a JSON array, one a line, and closes the array and the object that it ends.
func lines[T any](w io.Writer, list []T) error {
	for i, v := range list {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n%s", strings.Repeat(",", min(i, 1)), line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "\n]}")
	return err
}
