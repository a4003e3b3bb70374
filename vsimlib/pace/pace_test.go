// SPDX-License-Identifier: Apache-2.0

package pace

import (
	"testing"
	"time"
)

// TestMeter: one slow step hardly changes the time left; steps that stay slow do.
func TestMeter(t *testing.T) {
	var m Meter
	if m.VideosPerS() != 0 || m.Recently() != 0 || m.Remaining(9) != 0 {
		t.Error("an estimate of nothing")
	}
	for range 20 {
		m.Add(32, 100*time.Millisecond)
	}
	if left := m.Remaining(100); left.Round(time.Millisecond) != 10*time.Second {
		t.Errorf("%v left", left)
	}
	m.Add(32, 10*time.Second)
	if left := m.Remaining(100); left > 13*time.Second {
		t.Errorf("after one slow step %v left", left)
	}
	if rate := m.Recently(); rate < 250 || rate > 320 { // 320 before it; the mean is 56
		t.Errorf("after one slow step %.1f videos/s", rate)
	}
	for range 40 {
		m.Add(32, time.Second)
	}
	if left := m.Remaining(100); left < 90*time.Second || left > 110*time.Second {
		t.Errorf("after many slow steps %v left", left)
	}
}

// TestFewSteps: the first steps, some of which compile, give neither a rate nor an estimate, and a compilation among them changes
// neither afterwards.
func TestFewSteps(t *testing.T) {
	var m Meter
	for i, took := range []time.Duration{51 * time.Second, 100 * time.Millisecond, 30 * time.Second} {
		if m.Recently() != 0 || m.Remaining(70) != 0 {
			t.Errorf("after %d steps %.1f videos/s, %v left", i, m.Recently(), m.Remaining(70))
		}
		m.Add(32, took)
	}
	if rate, left := m.Recently(), m.Remaining(70); rate < 319 || rate > 321 || left.Round(time.Millisecond) != 7*time.Second {
		t.Errorf("%.1f videos/s, %v left", rate, left)
	}
}
