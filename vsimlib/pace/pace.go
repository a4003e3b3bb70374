// SPDX-License-Identifier: Apache-2.0

// Package pace measures the videos per second of training, and estimates the time left.
package pace

import "time"

// Meter measures the steps of a training alone.
type Meter struct {
	videos int
	steps  int
	spent  time.Duration
	recent float64 // seconds per step, smoothed
	batch  int     // videos of a step
}

// few is the number of steps before which there is neither a recent rate nor an estimate: any of them may have compiled a program
// for a batch of a new shape. The fastest of them is where the smoothing begins.
const few = 3

// slowest is how many times the recent time a step counts at most.
const slowest = 3

// Add counts a step.
func (m *Meter) Add(videos int, took time.Duration) {
	m.videos += videos
	m.batch = max(m.batch, videos) // the last one of an epoch may be smaller
	m.spent += took
	if m.steps++; m.steps <= few {
		if m.steps == 1 || took.Seconds() < m.recent {
			m.recent = took.Seconds()
		}
		return
	}
	// One step that waited for a disk or a processor says little of the others; a run that has become slow shows within a few steps.
	m.recent += 0.1 * (min(took.Seconds(), slowest*m.recent) - m.recent)
}

// VideosPerS is the mean over all steps, 0 before the first.
func (m *Meter) VideosPerS() float64 {
	if m.spent <= 0 {
		return 0
	}
	return float64(m.videos) / m.spent.Seconds()
}

// Recently is the videos per second of the last steps, which Remaining goes by; 0 before there are a few.
func (m *Meter) Recently() float64 {
	if m.steps < few || m.recent <= 0 {
		return 0
	}
	return float64(m.batch) / m.recent
}

// Remaining estimates the time of n further steps; 0 before there are a few.
func (m *Meter) Remaining(n int) time.Duration {
	if m.steps < few {
		return 0
	}
	return time.Duration(m.recent * float64(n) * float64(time.Second))
}
