// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
)

// Expectations are the limits of every program, in expect.json. Values up to their limits pass. --record writes the measured values
// as the new limits, so that a change is a line in a diff.
type Expectations struct {
	About string `json:"about"`
	// WideShare is the limit of programs under bfloat16 that have none of their own: the share of the arithmetic in float32 or
	// TF32.
	WideShare float64 `json:"wide_share"`
	Limits    []Limit `json:"limits"`
}

// Limit is what one program may need on one card.
type Limit struct {
	Program     string  `json:"program"`
	Target      string  `json:"target"`
	Kernels     int     `json:"kernels"`
	Temporaries int64   `json:"temporaries"`          // bytes
	Unaliased   int64   `json:"unaliased"`            // bytes of results outside of the arguments' memory
	WideShare   float64 `json:"wide_share,omitempty"` // more than Expectations.WideShare: to be lowered
}

// about explains the file.
const about = "Limits of docker/gpu-aot, by the compiler's plan. Written by go run ./docker/gpu-aot --record. A wide_share in a " +
	"line marks a program under bfloat16 that still multiplies in float32: its limit is the measured share, to be lowered."

// wideShare is the most of the arithmetic under bfloat16 that should be in wider types.
const wideShare = 0.01

// faults lists how a result differs from what is expected of it; in which arithmetic the program computes is in its name.
func (e Expectations) faults(r Result) []string {
	if r.Failure != "" {
		return []string{fmt.Sprintf("%s does not compile for %s: %s", r.Program, r.Target, r.Failure)}
	}
	var list []string
	fault := func(format string, args ...any) {
		list = append(list, fmt.Sprintf("%s for %s: ", r.Program, r.Target)+fmt.Sprintf(format, args...))
	}
	if r.Aliases.Made < r.Aliases.Asked {
		fault("%d results take the memory of an argument, %d are to", r.Aliases.Made, r.Aliases.Asked)
	}
	limit, known := e.limit(r.Program, r.Target)
	if r.underBFloat16() {
		if most, share := max(e.WideShare, limit.WideShare), r.wideShare(); share > most {
			fault("%.4f of the arithmetic is in float32 or TF32, at most %.4f may be", share, most)
		}
	}
	if !known {
		fault("expect.json has no limits for it; --record adds them")
		return list
	}
	if r.Kernels > limit.Kernels {
		fault("%d kernels, at most %d may be", r.Kernels, limit.Kernels)
	}
	if r.Temporaries > limit.Temporaries {
		fault("%d bytes of temporaries, at most %d may be", r.Temporaries, limit.Temporaries)
	}
	if r.Aliases.Unaliased > limit.Unaliased {
		fault("%d bytes of results outside of the arguments' memory, at most %d may be", r.Aliases.Unaliased, limit.Unaliased)
	}
	return list
}

// underBFloat16 reports whether the program is to compute in bfloat16.
func (r Result) underBFloat16() bool { return strings.Contains(r.Program, "/bfloat16/") }

func (e Expectations) limit(program, target string) (Limit, bool) {
	i := slices.IndexFunc(e.Limits, func(l Limit) bool { return l.Program == program && l.Target == target })
	if i < 0 {
		return Limit{}, false
	}
	return e.Limits[i], true
}

// missing lists the programs of the cases that were run for which there are limits but no result: a program that is no longer
// made, or is another one now, must not pass unseen.
func (e Expectations) missing(cases []string, targets []string, results []Result) []string {
	var list []string
	for _, l := range e.Limits {
		if !slices.Contains(cases, caseOf(l.Program)) || !slices.Contains(targets, l.Target) {
			continue
		}
		made := func(r Result) bool { return r.Program == l.Program && r.Target == l.Target }
		if !slices.ContainsFunc(results, made) {
			list = append(list, fmt.Sprintf("%s for %s: expect.json has limits for it, but no such program was made", l.Program, l.Target))
		}
	}
	return list
}

// caseOf is the case and the arithmetic of a program's name.
func caseOf(program string) string { return program[:strings.LastIndexByte(program, '/')] }

// record replaces the limits of the cases and targets that were run by the measured values. A program that does not compile gets
// none.
func (e *Expectations) record(cases, targets []string, results []Result) {
	e.About, e.WideShare = about, wideShare
	e.Limits = slices.DeleteFunc(e.Limits, func(l Limit) bool {
		return slices.Contains(cases, caseOf(l.Program)) && slices.Contains(targets, l.Target)
	})
	for _, r := range results {
		if r.Failure != "" {
			continue
		}
		l := Limit{r.Program, r.Target, r.Kernels, r.Temporaries, r.Aliases.Unaliased, 0}
		if share := math.Ceil(1e4*r.wideShare()) / 1e4; r.underBFloat16() && share > wideShare {
			l.WideShare = share
		}
		e.Limits = append(e.Limits, l)
	}
	slices.SortStableFunc(e.Limits, func(a, b Limit) int { return strings.Compare(a.Target, b.Target) })
	slices.SortStableFunc(e.Limits, func(a, b Limit) int { return strings.Compare(caseOf(a.Program), caseOf(b.Program)) })
}

// loadExpectations reads the file; a missing one expects nothing.
func loadExpectations(path string) (Expectations, error) {
	e := Expectations{WideShare: wideShare}
	if !jsonfile.Exists(path) {
		return e, nil
	}
	err := jsonfile.ReadStrict(path, &e)
	return e, err
}

// write writes the file, a limit a line.
func (e Expectations) write(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "{\n\"about\": %q,\n\"wide_share\": %g,\n\"limits\": [", e.About, e.WideShare); err != nil {
			return err
		}
		return lines(w, e.Limits)
	})
}

// outgrown lists the limits of wider types that are no longer needed.
func (e Expectations) outgrown(results []Result) []string {
	var list []string
	for _, r := range results {
		if l, _ := e.limit(r.Program, r.Target); l.WideShare > 0 && r.wideShare() <= e.WideShare {
			list = append(list, fmt.Sprintf("%s for %s multiplies in bfloat16 now; --record removes its wide_share", r.Program, r.Target))
		}
	}
	return list
}
