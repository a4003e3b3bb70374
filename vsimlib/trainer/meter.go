// SPDX-License-Identifier: Apache-2.0

package trainer

import "time"

// meter measures the videos per second of training alone.
type meter struct {
	videos int
	spent  time.Duration
	recent float64 // seconds per step, smoothed
}

// add counts a step.
func (m *meter) add(videos int, took time.Duration) {
	m.videos += videos
	m.spent += took
	if m.recent == 0 {
		m.recent = took.Seconds()
	}
	m.recent += 0.1 * (took.Seconds() - m.recent)
}

// videosPerS is the mean over all steps, 0 before the first.
func (m *meter) videosPerS() float64 {
	if m.spent <= 0 {
		return 0
	}
	return float64(m.videos) / m.spent.Seconds()
}

// remaining estimates the time of n further steps.
func (m *meter) remaining(n int) time.Duration {
	return time.Duration(m.recent * float64(n) * float64(time.Second))
}
