// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"testing"
	"time"
)

// TestMeter: one slow step hardly changes the time left; steps that stay slow do.
func TestMeter(t *testing.T) {
	var m meter
	if m.videosPerS() != 0 || m.recently() != 0 || m.remaining(9) != 0 {
		t.Error("an estimate of nothing")
	}
	for range 20 {
		m.add(32, 100*time.Millisecond)
	}
	if left := m.remaining(100); left.Round(time.Millisecond) != 10*time.Second {
		t.Errorf("%v left", left)
	}
	m.add(32, 10*time.Second)
	if left := m.remaining(100); left > 13*time.Second {
		t.Errorf("after one slow step %v left", left)
	}
	if rate := m.recently(); rate < 250 || rate > 320 { // 320 before it; the mean is 56
		t.Errorf("after one slow step %.1f videos/s", rate)
	}
	for range 40 {
		m.add(32, time.Second)
	}
	if left := m.remaining(100); left < 90*time.Second || left > 110*time.Second {
		t.Errorf("after many slow steps %v left", left)
	}
}
