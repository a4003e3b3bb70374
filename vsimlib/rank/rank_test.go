// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vsim/vsimlib/filetest"
)

// stored is a case of testdata/scipy.json, which testdata/make_scipy.py made with scipy.
type stored struct {
	Name        string
	X, Y, Ranks []float64
	Rho         float64
}

func scipyCases(t testing.TB) []stored {
	t.Helper()
	return filetest.Cases[stored](t, "testdata/scipy.json", 7)
}

func TestAverageEqualsScipy(t *testing.T) {
	for _, c := range scipyCases(t) {
		if got := Average(c.X); !slices.Equal(got, c.Ranks) {
			t.Errorf("%s: %v\nwant %v", c.Name, got, c.Ranks)
		}
	}
	if got := Average(nil); len(got) != 0 {
		t.Errorf("ranks of nothing: %v", got)
	}
	for _, r := range Average([]float64{2, math.NaN(), 1}) {
		if !math.IsNaN(r) {
			t.Error("NaN has ranks")
		}
	}
}

func TestE11_SpearmanEqualsScipy(t *testing.T) {
	for _, c := range scipyCases(t) {
		got, err := Spearman(c.X, c.Y)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if math.Abs(got-c.Rho) > 1e-13 {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Rho)
		}
	}
}

// The order of the pairs changes not one bit, swapping the sides neither; ranks alone count.
func TestE11_SpearmanInvariance(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for _, c := range scipyCases(t) {
		want, err := Spearman(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			x, y := slices.Clone(c.X), slices.Clone(c.Y)
			draw.Shuffle(len(x), func(i, j int) { x[i], x[j], y[i], y[j] = x[j], x[i], y[j], y[i] })
			if got, _ := Spearman(x, y); got != want {
				t.Fatalf("%s: %v after a shuffle, %v before", c.Name, got, want)
			}
			if got, _ := Spearman(y, x); got != want {
				t.Fatalf("%s: %v with the sides swapped, %v before", c.Name, got, want)
			}
		}
		r := Average(c.X)
		for i := range r {
			r[i] = math.Exp(r[i] / 100)
		}
		if got, _ := Spearman(r, c.Y); got != want {
			t.Errorf("%s: %v after a rising map, %v before", c.Name, got, want)
		}
	}
}

func TestE11_SpearmanErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	for _, c := range []struct {
		x, y []float64
		want string
	}{
		{[]float64{1, 2}, []float64{1, 2, 3}, "rank: 2 values on the first side, 3 on the second"},
		{nil, nil, "rank: first side: 0 values, want at least 2"},
		{[]float64{1}, []float64{1}, "rank: first side: 1 values, want at least 2"},
		{[]float64{1, nan}, []float64{1, 2}, "rank: first side: value 2 of 2 is NaN"},
		{[]float64{1, 2}, []float64{inf, 2}, "rank: second side: value 1 of 2 is -Inf"},
		{[]float64{3, 3, 3}, []float64{1, 2, 3}, "rank: first side: constant, all 3 values are 3"},
		{[]float64{1, 2}, []float64{.5, .5}, "rank: second side: constant, all 2 values are 0.5"},
	} {
		if rho, err := Spearman(c.x, c.y); err == nil || err.Error() != c.want || rho != 0 {
			t.Errorf("%v, %v; want %s", rho, err, c.want)
		}
	}
}

// labelCounts are the 21 levels 0, 0.05 .. 1 of the competition's pairwise/label.tsv, and normalised what they become:
// notes of the competition, sections 1.4 and 5, computed there from the 67,899 public labels.
var (
	labelCounts = []int{24692, 3743, 2591, 2066, 1307, 1058, 1126, 1578, 1572, 1368, 4718, 1960, 2081, 1929, 1192, 794, 855, 1315,
		1301, 1202, 9451}
	normalised = []float64{0, .2797, .3420, .3878, .4210, .4443, .4658, .4924, .5234, .5523, .6121, .6778, .7176, .7570,
		.7877, .8073, .8235, .8448, .8706, .8952, 1}
)

func competitionLabels() []float64 {
	var labels []float64
	for level, n := range labelCounts {
		for range n {
			labels = append(labels, float64(level)/20)
		}
	}
	return labels
}

func TestE5_NormalizeCompetition(t *testing.T) {
	labels := competitionLabels()
	if len(labels) != 67899 {
		t.Fatalf("%d labels", len(labels))
	}
	y, err := Normalize(labels)
	if err != nil {
		t.Fatal(err)
	}
	var mean, square float64
	for i, v := range y {
		level := int(math.Round(labels[i] * 20))
		if math.Abs(v-normalised[level]) > 5e-5 {
			t.Fatalf("%.2f becomes %.6f, want %.4f", labels[i], v, normalised[level])
		}
		mean += v / float64(len(y))
		square += v * v / float64(len(y))
	}
	if math.Abs(mean-.4250) > 5e-5 || math.Abs(square-mean*mean-.1410) > 5e-5 {
		t.Errorf("mean %.5f, variance %.5f; want .4250, .1410", mean, square-mean*mean)
	}
}

func TestE5_Normalize(t *testing.T) {
	for _, c := range []struct{ x, want []float64 }{
		{[]float64{7, 3}, []float64{1, 0}},
		{[]float64{.5, 0, .5, 1}, []float64{.5, 0, .5, 1}},
		{[]float64{0, 0, 0, 1}, []float64{0, 0, 0, 1}},
		{[]float64{0, 10, 11}, []float64{0, .5, 1}},
		{[]float64{math.Inf(-1), 0, math.Inf(1)}, []float64{0, .5, 1}},
	} {
		if got, err := Normalize(c.x); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, %v; want %v", c.x, got, err, c.want)
		}
	}
	for want, x := range map[string][]float64{
		"rank: no values":           nil,
		"rank: all 1 values are 4":  {4},
		"rank: all 2 values are 4":  {4, 4},
		"rank: value 2 of 2 is NaN": {4, math.NaN()},
	} {
		if _, err := Normalize(x); err == nil || err.Error() != want {
			t.Errorf("%v: %v, want %s", x, err, want)
		}
	}
}

// Any values: ranks sum to n(n+1)/2 and correlations stay in [-1,1].
func FuzzSpearman(f *testing.F) {
	f.Add([]byte{1, 1, 2, 250, 7, 7, 0, 3})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		n := len(data) / 2
		x, y := make([]float64, n), make([]float64, n)
		for i := range n {
			x[i], y[i] = float64(int8(data[i])), float64(data[n+i])
		}
		sum := 0.
		for _, r := range Average(x) {
			sum += r
		}
		if sum != float64(n)*float64(n+1)/2 {
			t.Errorf("ranks of %v sum to %v", x, sum)
		}
		if rho, err := Spearman(x, y); err == nil && !(rho >= -1 && rho <= 1) {
			t.Errorf("correlation %v of %v and %v", rho, x, y)
		}
	})
}

func BenchmarkSpearman(b *testing.B) {
	y := competitionLabels()
	x := make([]float64, len(y))
	draw := rand.New(rand.NewPCG(1, 1))
	for i := range x {
		x[i] = y[i] + draw.NormFloat64()
	}
	b.Run(fmt.Sprint(len(x)), func(b *testing.B) {
		for b.Loop() {
			if _, err := Spearman(x, y); err != nil {
				b.Fatal(err)
			}
		}
	})
}
