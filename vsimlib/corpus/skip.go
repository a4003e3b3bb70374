// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"vsim/vsimlib/corpus/fileindex"
	"vsim/vsimlib/text"
)

// Skip makes bad records be passed over: those whose checksums, encoding or fields are wrong. A repeated id, a bad line of a text
// file and a record that is bad only when it is read again stay errors.
//
// Where the length of a record is unreadable, the next one begins where a length and its checksum agree; its data may be bad
// too, and is then another bad record. The bytes between count as the records that they have room for.
type Skip struct {
	Most float64      // share of the records of a part, or of the files opened together, that may be bad: 0.01 is one in a hundred
	Warn func(string) // called with a line for each part that has bad records; may be nil
}

// SkipUpTo is a Skip of at most this share, nil for 0.
func SkipUpTo(most float64, warn func(string)) *Skip {
	if most <= 0 {
		return nil
	}
	return &Skip{Most: most, Warn: warn}
}

// pass notes a bad record of the file, of which one entry of the index stands for all bytes up to the next good one.
func (sh *shard) pass(p *Problem) bool {
	sh.IDs, sh.Offsets, sh.Sums = append(sh.IDs, fileindex.Bad), append(sh.Offsets, p.Offset), append(sh.Sums, 0)
	if p.Gap {
		sh.gaps = append(sh.gaps, len(sh.IDs)-1)
	}
	return sh.skipped.Add(p)
}

// lostOf estimates how many records the bad ones of the files were: gaps as many as fit in, by the mean of the good ones.
func lostOf(shards []*shard) (lost, good int) {
	gaps, inGaps, size := 0, int64(0), int64(0)
	for _, sh := range shards {
		for _, number := range sh.gaps {
			inGaps += sh.Offsets[number+1] - sh.Offsets[number]
		}
		gaps, size = gaps+len(sh.gaps), size+sh.Size()
		lost, good = lost+sh.skipped.Count, good+len(sh.IDs)-sh.skipped.Count
	}
	if good == 0 || gaps == 0 {
		return lost, good
	}
	mean := float64(size-inGaps) / float64(good) // a little high: it has the bad records with a length
	return lost - gaps + max(gaps, int(math.Round(float64(inGaps)/mean))), good
}

// checkSkipped is an error where more records are bad than may be, and otherwise what is skipped, nil if nothing is.
func (k *Skip) checkSkipped(shards []*shard) (*Skipped, error) {
	var s Skipped
	for _, sh := range shards {
		s.Records += sh.skipped.Count
		s.List = append(s.List, sh.skipped.Listed...)
	}
	if s.Records == 0 {
		return nil, nil
	}
	lost, good := lostOf(shards)
	if float64(lost) > k.Most*float64(good+lost) {
		return nil, fmt.Errorf("corpus: %d of %d records are bad, more than the %.3g%% that may be skipped (--max-bad); the first: %w",
			lost, good+lost, 100*k.Most, s.List[0])
	}
	if k.Warn != nil {
		k.Warn(s.String())
	}
	return &s, nil
}

// pairsOf leaves out the pairs of videos that are not in the set, if they can be those of its skipped records: each stands for one
// video, a gap for as many as it has room for.
func (c *Corpus) pairsOf(s *Set, path string, pairs []Pair, at func(i int) *Problem) ([]Pair, error) {
	lost, _ := lostOf(s.shards)
	known, without := func(id int64) bool { _, ok := s.Find(id); return ok }, map[int64]bool{}
	var kept []Pair
	for i, p := range pairs {
		reason := unknown(p, s.Len(), known)
		if reason == "" {
			kept = append(kept, p)
			continue
		}
		for _, id := range []int64{p.A, p.B} {
			if !known(id) {
				without[id] = true
			}
		}
		if len(without) > lost {
			problem := at(i)
			problem.Reason = reason
			if lost > 0 {
				problem.Reason += fmt.Sprintf(", and it is one of more ids than records were skipped (%d)", lost)
			}
			return nil, problem
		}
	}
	if left := len(pairs) - len(kept); left > 0 && c.Skip.Warn != nil {
		c.Skip.Warn(fmt.Sprintf("%s skipped, since a record is: %s", text.Count(left, "pair"), path))
	}
	if len(kept) == 0 {
		return nil, &Problem{File: path, Reason: "no pairs of videos with a good record"}
	}
	return kept, nil
}

// Skipped is what was passed over in the parts that were read so far, by the files' paths in the corpus; nil if nothing was.
func (c *Corpus) Skipped() *Skipped {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all *Skipped
	for _, part := range c.Parts() {
		set := c.sets[part]
		if set == nil || set.skipped == nil {
			continue
		}
		if all == nil {
			all = &Skipped{}
		}
		all.Pairs += c.pairs[part]
		all.Records += set.skipped.Records
		for _, p := range set.skipped.List {
			relative := *p
			relative.File = filepath.ToSlash(strings.TrimPrefix(p.File, c.dir+string(filepath.Separator)))
			all.List = append(all.List, &relative)
		}
	}
	return all
}
