// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bufio"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/inference"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tfrecord"
)

// disputed is how many pairs of each side Disagree shows.
const disputed = 5

// Disagree embeds a part's clips three times with a finetuned model, whole, without frames and without titles, and shows the labelled
// pairs whose ranks by title and by frames are farthest apart: row A those alike by title, row B those alike by frames, no clip twice. The
// sheet of pictures goes into the figures folder, what it says under "dispute" of the results file.
func Disagree(results, figure, model, part string) error {
	s, err := sourceOfPreset()
	if err != nil {
		return err
	}
	pairs, err := s.corpus.Pairs(part)
	if err != nil {
		return err
	}
	cosines, err := s.sides(model, part, pairs)
	if err != nil {
		return err
	}
	d, err := disputeOf(pairs, cosines)
	if err != nil {
		return err
	}
	if err := s.nameThem(part, d.Shown); err != nil {
		return err
	}
	if err := s.keep(results, "dispute", d); err != nil {
		return err
	}
	if err := s.showDispute(figure, model, d); err != nil {
		return err
	}
	return Table(d.Shown)
}

// Names of the three ways in which a clip is embedded.
var sideNames = [3]string{"whole", "title", "frames"}

// sides is the cosines of all pairs, by whole clips, by titles alone and by frames alone.
func (s source) sides(model, part string, pairs []corpus.Pair) (cosines [3][]float64, err error) {
	home, err := s.model(model)
	if err != nil {
		return cosines, err
	}
	set, err := s.corpus.Part(part)
	if err != nil {
		return cosines, err
	}
	b := newBoard("title and frames of " + part)
	err = stoppable(b.what, func() string { return "" }, func(ctx context.Context) error {
		d, err := b.device()
		if err != nil {
			return err
		}
		for i, side := range sideNames {
			records := filepath.Join(home, part+"."+side+".tfrecords")
			if err := writeSide(records, set, side); err != nil {
				return err
			}
			out := filepath.Join(home, part+"."+side+".safetensors")
			if _, err := inference.Run(ctx, inference.Options{Backend: d.Backend, Model: Run(model, finetune).Model(), Records: []string{records}, Out: out}); err != nil {
				return err
			}
			embedded, err := embeddings.Read(out)
			if err != nil {
				return err
			}
			if cosines[i], err = evaluate.Cosines(embedded, pairs); err != nil {
				return err
			}
		}
		return nil
	})
	return cosines, err
}

// writeSide writes the clips of a set with one side of them alone.
func writeSide(path string, set *corpus.Set, side string) error {
	return run.Atomic(path, func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		records := tfrecord.NewWriter(buffered)
		for i := range set.Len() {
			v, err := set.Video(i)
			if err != nil {
				return err
			}
			switch side {
			case "title":
				v.Frames, v.NumFrames = nil, 0
			case "frames":
				v.Title, v.ASRText = "", ""
			}
			data, err := corpus.AppendVideo(nil, v, false)
			if err != nil {
				return err
			}
			if err := records.Write(data); err != nil {
				return err
			}
		}
		return buffered.Flush()
	})
}

// disputeOf compares the ranks that titles and frames give each pair, from 0, least alike, to 1.
func disputeOf(pairs []corpus.Pair, cosines [3][]float64) (Dispute, error) {
	d := Dispute{Pairs: len(pairs)}
	labels := make([]float64, len(pairs))
	for i, pair := range pairs {
		labels[i] = pair.Score
	}
	for i, rho := range []*float64{&d.Both, &d.Title, &d.Frames} {
		var err error
		if *rho, err = rank.Spearman(cosines[i], labels); err != nil {
			return d, err
		}
	}
	title, err := rank.Normalize(cosines[1])
	if err != nil {
		return d, err
	}
	frames, err := rank.Normalize(cosines[2])
	if err != nil {
		return d, err
	}
	order := make([]int, len(pairs)) // by how much higher the titles put a pair
	apart := make([]float64, len(pairs))
	for i := range order {
		order[i], apart[i] = i, title[i]-frames[i]
		switch {
		case apart[i] >= 0.5:
			addTo(&d.TitleAlike, labels[i])
		case apart[i] <= -0.5:
			addTo(&d.FramesAlike, labels[i])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if apart[a] > apart[b] {
			return -1
		}
		if apart[a] < apart[b] {
			return 1
		}
		return 0
	})
	d.Shown = append(d.Shown, first("A", pairs, cosines, order)...)
	slices.Reverse(order)
	d.Shown = append(d.Shown, first("B", pairs, cosines, order)...)
	return d, nil
}

// addTo takes one more pair into the mean.
func addTo(s *Side, label float64) {
	s.Pairs++
	s.MeanLabel += (label - s.MeanLabel) / float64(s.Pairs)
}

// first takes the first pairs of an order, no video twice.
func first(name string, pairs []corpus.Pair, cosines [3][]float64, order []int) []Disputed {
	var list []Disputed
	seen := map[int64]bool{}
	for _, i := range order {
		a, b := pairs[i].A, pairs[i].B
		if len(list) == disputed || seen[a] || seen[b] || a == b {
			continue
		}
		seen[a], seen[b] = true, true
		list = append(list, Disputed{Pair: name + string(rune('1'+len(list))), Label: pairs[i].Score, IDs: [2]int64{a, b},
			Both: hundredths(cosines[0][i]), Title: hundredths(cosines[1][i]), Frames: hundredths(cosines[2][i])})
	}
	return list
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }

// nameThem fills in the titles.
func (s source) nameThem(part string, list []Disputed) error {
	set, err := s.corpus.Part(part)
	if err != nil {
		return err
	}
	for i := range list {
		for side, into := range []*string{&list[i].First, &list[i].Second} {
			at, ok := set.Find(list[i].IDs[side])
			if !ok {
				return os.ErrNotExist
			}
			v, err := set.Video(at)
			if err != nil {
				return err
			}
			*into = v.Title
		}
	}
	return nil
}
