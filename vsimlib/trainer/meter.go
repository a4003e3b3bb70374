// SPDX-License-Identifier: Apache-2.0

package trainer

import "time"

// meter measures the videos per second of training alone.
type meter struct {
	videos int
	spent  time.Duration
	recent float64 // seconds per step, smoothed
	batch  int     // videos of a step
}

// add counts a step.
func (m *meter) add(videos int, took time.Duration) {
	m.videos += videos
	m.batch = max(m.batch, videos) // the last one of an epoch may be smaller
	m.spent += took
	if m.recent == 0 {
		m.recent = took.Seconds()
	}
	// One step that waited for a disk or a processor says little of the others; a run that has become slow shows within a few steps.
	m.recent += 0.1 * (min(took.Seconds(), slowest*m.recent) - m.recent)
}

// slowest is how many times the recent time a step counts at most.
const slowest = 3

// videosPerS is the mean over all steps, 0 before the first.
func (m *meter) videosPerS() float64 {
	if m.spent <= 0 {
		return 0
	}
	return float64(m.videos) / m.spent.Seconds()
}

// recently is the videos per second of the last steps, which remaining goes by; 0 before the first.
func (m *meter) recently() float64 {
	if m.recent <= 0 {
		return 0
	}
	return float64(m.batch) / m.recent
}

// remaining estimates the time of n further steps.
func (m *meter) remaining(n int) time.Duration {
	return time.Duration(m.recent * float64(n) * float64(time.Second))
}
