// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
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
		if _, _, err := bootstrapSpearman(c.x, c.y, 9, .9, 1); err == nil || err.Error() != c.want {
			t.Errorf("bootstrap: %v; want %s", err, c.want)
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

// bootstrapSpearman returns the percentile interval of Spearman's correlation at a level such as 0.95, from resamples of
// the pairs with replacement. The same seed gives the same interval. A resample in which a side is constant has no
// correlation and is drawn again.
//
// It takes pairs as independent. Pairs that share videos are not, and the true interval is then wider.
func bootstrapSpearman(x, y []float64, resamples int, level float64, seed uint64) (lo, hi float64, err error) {
	if err := checkSides(x, y); err != nil {
		return 0, 0, err
	}
	if resamples < 1 || !(level > 0 && level < 1) {
		return 0, 0, fmt.Errorf("rank: %d resamples at level %g, want at least 1 and a level inside (0,1)", resamples, level)
	}
	draw := rand.New(rand.NewPCG(seed, 0))
	labels := NewLabels(y)
	sides := &Resampler{newRanker(x), labels}
	count := make([]int, len(x))
	rhos := make([]float64, 0, resamples)
	for tries := 0; len(rhos) < resamples; tries++ {
		if tries > 100*resamples { // a side with one odd value among very many
			return 0, 0, fmt.Errorf("rank: too few different values to resample %d pairs", len(x))
		}
		clear(count)
		for range count {
			count[draw.IntN(len(count))]++
		}
		if rho := sides.Spearman(labels.Resample(count)); !math.IsNaN(rho) {
			rhos = append(rhos, rho)
		}
	}
	slices.Sort(rhos)
	return Quantile(rhos, (1-level)/2), Quantile(rhos, (1+level)/2), nil
}

func TestE11_BootstrapSpearman(t *testing.T) {
	c := scipyCases(t)[6] // cosine against 21 levels, 257 pairs
	lo, hi, err := bootstrapSpearman(c.X, c.Y, 2000, .95, 3)
	if err != nil {
		t.Fatal(err)
	}
	// The usual error of a rank correlation, 1.06 (1-ρ²)/sqrt(n), to within a third.
	sd := 1.06 * (1 - c.Rho*c.Rho) / math.Sqrt(float64(len(c.X)))
	if lo > c.Rho || hi < c.Rho || hi-lo < 2*1.96*sd/1.33 || hi-lo > 2*1.96*sd*1.33 {
		t.Errorf("[%.3f,%.3f] about %.3f, want a width near %.3f", lo, hi, c.Rho, 2*1.96*sd)
	}
	lo2, hi2, _ := bootstrapSpearman(c.X, c.Y, 2000, .95, 3)
	lo3, _, _ := bootstrapSpearman(c.X, c.Y, 2000, .95, 4)
	if lo2 != lo || hi2 != hi || lo3 == lo {
		t.Error("the seed does not decide the interval")
	}
	if l, h, _ := bootstrapSpearman(c.X, c.Y, 2000, .5, 3); l <= lo || h >= hi {
		t.Errorf("level 0.5 gives [%.3f,%.3f], level 0.95 [%.3f,%.3f]", l, h, lo, hi)
	}
	for _, bad := range []struct {
		n     int
		level float64
	}{{0, .9}, {9, 0}, {9, 1}, {9, math.NaN()}} {
		if _, _, err := bootstrapSpearman(c.X, c.Y, bad.n, bad.level, 1); err == nil ||
			!strings.Contains(err.Error(), "resamples at level") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// Ranking a resample by counts is the same as ranking it written out.
func TestBootstrapRanksEqualAverage(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 6))
	for _, c := range scipyCases(t) {
		count := make([]int, len(c.X))
		var x, y []float64
		for range count {
			i := draw.IntN(len(count))
			count[i]++
		}
		for i, n := range count {
			for range n {
				x, y = append(x, c.X[i]), append(y, c.Y[i])
			}
		}
		want, err := Spearman(x, y)
		labels := NewLabels(c.Y)
		got := (&Resampler{newRanker(c.X), labels}).Spearman(labels.Resample(count))
		if err != nil && !math.IsNaN(got) || err == nil && math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v (%v)", c.Name, got, want, err)
		}
	}
	if _, _, err := bootstrapSpearman([]float64{1, 2}, []float64{1, 2}, 50, .9, 1); err != nil {
		t.Errorf("two pairs: %v", err)
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
