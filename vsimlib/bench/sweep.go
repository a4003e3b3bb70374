// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/report"
)

// The files of a sweep.
const (
	sweepJSON     = "sweep.json"
	sweepMarkdown = "sweep.md"
)

// Point is one row of a sweep: the recipe with one size changed.
type Point struct {
	Vary  string `json:"vary"` // base, or which size
	Value int    `json:"value"`
	Result
}

// Sweep is how the cost of a step depends on its sizes.
type Sweep struct {
	Device     string  `json:"device"`
	Backend    string  `json:"backend"`
	PeakTFLOPS float64 `json:"peak_tflops,omitempty"`
	PeakSource string  `json:"peak_source,omitempty"`
	Points     []Point `json:"points"`
	// Growth is the power of its FLOPs with which the seconds of a step grow, from the smallest point of an axis to its largest: 1 is
	// linear, above 1 is worse. An axis that hardly changes the FLOPs is left out.
	Growth map[string]float64 `json:"growth"`
}

// axis is one size to vary; one that cannot be halved is only doubled.
type axis struct {
	name  string
	value func(r recipe.Recipe) int
	scale func(r *recipe.Recipe, by float64)
}

var axes = []axis{
	{"layers", func(r recipe.Recipe) int { return r.Model.NumHiddenLayers },
		func(r *recipe.Recipe, by float64) { scale(by, &r.Model.NumHiddenLayers) }},
	{"width", func(r recipe.Recipe) int { return r.Model.HiddenSize }, func(r *recipe.Recipe, by float64) {
		scale(by, &r.Model.HiddenSize, &r.Model.IntermediateSize, &r.Model.NumAttentionHeads) // the width of a head stays the same
	}},
	{"batch", func(r recipe.Recipe) int { return r.Pretrain.Batch },
		func(r *recipe.Recipe, by float64) { scale(by, &r.Pretrain.Batch) }},
	{"sequence", func(r recipe.Recipe) int { return r.Model.Sequence() }, func(r *recipe.Recipe, by float64) {
		scale(by, &r.Model.MaxText, &r.Model.MaxFrames)
	}},
}

func scale(by float64, sizes ...*int) {
	for _, s := range sizes {
		*s = int(math.Round(by * float64(*s)))
	}
}

// factors of each size.
var factors = []float64{0.5, 1, 2}

// RunSweep measures the recipe, and the recipe with one size at a time halved and doubled. Each point compiles a program of its
// own.
func RunSweep(ctx context.Context, o Options) (Sweep, error) {
	o = o.withDefaults()
	o.skipPeak = true
	base, err := Run(ctx, o)
	if err != nil {
		return Sweep{}, err
	}
	s := Sweep{Device: base.Device, Backend: base.Backend, Points: []Point{{"base", 1, base}}, Growth: map[string]float64{}}
	for _, a := range axes {
		var along []Result
		for _, by := range factors {
			if by == 1 {
				along = append(along, base)
				continue
			}
			p := o
			p.Recipe = o.Recipe.Clone()
			a.scale(&p.Recipe, by)
			if a.value(p.Recipe) == a.value(o.Recipe) || p.Recipe.Validate() != nil {
				continue // it cannot be halved
			}
			p.Report = func(line string) { o.Report(fmt.Sprintf("%s %d: %s", a.name, a.value(p.Recipe), line)) }
			r, err := Run(ctx, p)
			if err != nil {
				return Sweep{}, err
			}
			along = append(along, r)
			s.Points = append(s.Points, Point{a.name, a.value(p.Recipe), r})
		}
		if power, ok := growth(along); ok {
			s.Growth[a.name] = power
		}
	}
	o.skipPeak = false
	peak, source, err := o.peak(s.Device)
	if err != nil {
		return Sweep{}, err
	}
	s.PeakTFLOPS, s.PeakSource = peak/1e12, source
	for i := range s.Points {
		if peak > 0 {
			s.Points[i].MFU = s.Points[i].TFLOPS / s.PeakTFLOPS
		}
	}
	return s, nil
}

// growth is log(t₂/t₁) / log(f₂/f₁) of the best steps' seconds t and FLOPs f, from the point with the fewest FLOPs to the one
// with the most. It is undefined (ok is false) where their FLOPs are about equal: the cost of a step then does not depend on the
// axis.
func growth(along []Result) (power float64, ok bool) {
	byWork := func(a, b Result) int { return cmp.Compare(a.FLOPs, b.FLOPs) }
	few, many := slices.MinFunc(along, byWork), slices.MaxFunc(along, byWork)
	if many.FLOPs < 1.5*few.FLOPs {
		return 0, false
	}
	return math.Log(many.StepS/few.StepS) / math.Log(many.FLOPs/few.FLOPs), true
}

// Markdown writes the table.
func (s Sweep) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s", s.Backend, s.Device)
	if s.PeakTFLOPS > 0 {
		fmt.Fprintf(&b, "; peak %.3g TFLOP/s (%s)", s.PeakTFLOPS, s.PeakSource)
	}
	b.WriteString("\n\n" + s.table().Markdown())
	var powers []string
	for _, a := range axes {
		if power, ok := s.Growth[a.name]; ok {
			powers = append(powers, fmt.Sprintf("%.2f over %s", power, a.name))
		}
	}
	if len(powers) > 0 {
		fmt.Fprintf(&b, "\nSeconds grow with FLOPs to the power of %s (1 is linear).\n", strings.Join(powers, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table has a row a point.
func (s Sweep) table() report.Table {
	t := report.Table{Header: []string{
		"vary", "layers", "width", "batch", "sequence", "step, s", "videos/s", "GFLOP a step", "GFLOP/s", "of peak",
	}}
	number := func(format string, v any) report.Cell { return report.Number(fmt.Sprintf(format, v)) }
	for _, p := range s.Points {
		t.Rows = append(t.Rows, []report.Cell{
			report.Words(p.Vary), number("%d", p.Shape.Layers), number("%d", p.Shape.Hidden), number("%d", p.Batch),
			number("%d", p.Shape.Sequence), number("%.4g", p.StepS), number("%.4g", p.VideosPerS), number("%.4g", p.FLOPs/1e9),
			number("%.4g", 1000*p.TFLOPS), number("%.0f%%", 100*p.MFU),
		})
	}
	return t
}

// SweepFiles are the kinds of the files that Write writes, by their names.
var SweepFiles = map[string]outdir.FileKind{
	sweepJSON:     {Name: "table of a sweep", Made: func(head []byte) bool { return bytes.Contains(head, []byte(`"vary": "base"`)) }},
	sweepMarkdown: {Name: "table of a sweep", Made: func(head []byte) bool { return bytes.Contains(head, []byte("\n| vary |")) }},
}

// Write writes sweep.json and sweep.md into a folder, each whole or not at all.
func (s Sweep) Write(dir string) error {
	if err := jsonfile.Write(filepath.Join(dir, sweepJSON), s); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, sweepMarkdown), s.Markdown)
}
