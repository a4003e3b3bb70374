// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"vsim/vsimlib/dense"
	"vsim/vsimlib/parallel"
)

// chunk is how many videos are projected at once: with a member's directions their embeddings fit into a core's cache.
const chunk = 96

// project writes the joint embeddings of videos, rows of Dim, into out. units returns a member's unit rows of some of the videos.
func project[T dense.Number](m *Members, j *Joint, out []float32, units func(member, first, count int) []T) {
	videos := len(out) / j.Dim
	var panels []*dense.Panels[T]
	for _, d := range j.directions {
		converted := make([]T, len(d))
		for i, v := range d {
			converted[i] = T(v)
		}
		panels = append(panels, dense.Pack(nil, converted, j.Dim, len(d)/j.Dim, j.Dim))
	}
	parallel.Each((videos+chunk-1)/chunk, func(part int) {
		first := part * chunk
		count := min(chunk, videos-first)
		sum := make([]T, count*j.Dim)
		for k, member := range j.members {
			dense.Add(sum, j.Dim, units(member, first, count), m.sets[member].Dim, count, panels[k])
		}
		for i, v := range sum {
			out[first*j.Dim+i] = float32(v)
		}
	})
}

// all are the joint embeddings [N,Dim] of all videos, computed in float64.
func (m *Members) all(j *Joint) []float32 {
	out := make([]float32, len(m.rows[0])*j.Dim)
	project(m, j, out, func(member, first, count int) []float64 {
		d := m.sets[member].Dim
		block := make([]float64, count*d)
		for i := range count {
			unit(m, member, first+i, block[i*d:(i+1)*d])
		}
		return block
	})
	return out
}

// exactVideos is how many videos are still projected in float64. Float32 is twice as fast and moves a cosine by about 1e-7, which
// can swap two ranks: with many pairs that changes no digit of a score, with few it may change the sixth.
const exactVideos = 8192

// Selection is some of the videos, ready for joints of any members.
type Selection struct {
	members *Members
	videos  int
	short   [][]float32 // unit rows of each member, if there are more than exactVideos
	long    [][]float64 // if there are not
}

// Select takes videos by their rows in the first set.
func (m *Members) Select(rows []int) *Selection {
	s := &Selection{members: m, videos: len(rows)}
	if len(rows) > exactVideos {
		s.short = units[float32](m, rows)
	} else {
		s.long = units[float64](m, rows)
	}
	return s
}

// units are the unit rows of all members.
func units[T dense.Number](m *Members, rows []int) [][]T {
	var list [][]T
	for k, set := range m.sets {
		all := make([]T, len(rows)*set.Dim)
		parallel.Each((len(rows)+chunk-1)/chunk, func(part int) {
			for i := part * chunk; i < min(len(rows), (part+1)*chunk); i++ {
				unit(m, k, rows[i], all[i*set.Dim:(i+1)*set.Dim])
			}
		})
		list = append(list, all)
	}
	return list
}

// Project returns the joint embeddings of the videos, rows of Dim, within 1e-6 of what Combine gives. The memory of out is used
// again if it suffices.
func (s *Selection) Project(j *Joint, out []float32) []float32 {
	size := s.videos * j.Dim
	if cap(out) < size {
		out = make([]float32, size)
	}
	out = out[:size]
	if s.short != nil {
		project(s.members, j, out, pick(s.members, s.short))
	} else {
		project(s.members, j, out, pick(s.members, s.long))
	}
	return out
}

// pick gives project its units.
func pick[T dense.Number](m *Members, units [][]T) func(member, first, count int) []T {
	return func(member, first, count int) []T {
		d := m.sets[member].Dim
		return units[member][first*d : (first+count)*d]
	}
}
