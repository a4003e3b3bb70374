// SPDX-License-Identifier: Apache-2.0

package pca

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"vsim/vsimlib/embeddings"
)

// TestOf by hand: four vectors of length one (twice as long here, which must not matter). Their mean is (.7, 0, 0); what is left
// has the squares .04, 1.28 and .72 along the axes, 2.04 in all.
func TestOf(t *testing.T) {
	set := &embeddings.Set{IDs: []int64{1, 2, 3, 4}, Dim: 3, Data: []float32{1.2, 1.6, 0, 1.2, -1.6, 0, 1.6, 0, 1.2, 1.6, 0, -1.2}}
	m, err := Of(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]float64{{.8, 0}, {-.8, 0}, {0, .6}, {0, -.6}} {
		if p := m.Points[i]; math.Abs(p[0]-want[0]) > 1e-6 || math.Abs(p[1]-want[1]) > 1e-6 {
			t.Errorf("point %d is %v, want %v", i, p, want)
		}
	}
	if math.Abs(m.Shares[0]-1.28/2.04) > 1e-6 || math.Abs(m.Shares[1]-.72/2.04) > 1e-6 {
		t.Errorf("shares %v", m.Shares)
	}
}

// TestAllDirections keeps every distance where no direction is left out, with falling shares that sum to one and points of mean 0.
func TestAllDirections(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	set := &embeddings.Set{Dim: 6}
	for i := range 40 {
		set.IDs = append(set.IDs, int64(i))
		for j := range set.Dim {
			set.Data = append(set.Data, float32(random.NormFloat64()*float64(j+1)+3))
		}
	}
	m, err := Of(set, set.Dim)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := centre(set)
	if err != nil {
		t.Fatal(err)
	}
	distance := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += (a[i] - b[i]) * (a[i] - b[i])
		}
		return sum
	}
	for i := range 39 {
		got, want := distance(m.Points[i], m.Points[i+1]), distance(rows[6*i:6*i+6], rows[6*i+6:6*i+12])
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("distance %d is %g, want %g", i, got, want)
		}
	}
	sum := 0.0
	for j, share := range m.Shares {
		mean := 0.0
		for _, p := range m.Points {
			mean += p[j]
		}
		if sum += share; j > 0 && share > m.Shares[j-1] || math.Abs(mean) > 1e-9 {
			t.Errorf("shares %v, mean %g", m.Shares, mean)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("the shares sum to %g", sum)
	}
}

func TestOfRefuses(t *testing.T) {
	for words, set := range map[string]*embeddings.Set{
		"no embeddings":   {Dim: 2},
		"has length 0":    {IDs: []int64{7, 8}, Dim: 2, Data: []float32{1, 0, 0, 0}},
		"are equal":       {IDs: []int64{7, 8}, Dim: 2, Data: []float32{1, 0, 2, 0}},
		"2 dimensions of": {IDs: []int64{7}, Dim: 1, Data: []float32{1}},
	} {
		if _, err := Of(set, 2); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}
