// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
)

// TestSpeech: asked for, the controlled videos have speech, a little of it empty, that tells their topic; all else is as without.
func TestSpeech(t *testing.T) {
	const n = 1500
	quiet, spoken := newControlled(3), newControlled(3)
	spoken.asr = true
	said, topics := make([]string, n), make([]int, n)
	chars, silent := 0, 0
	for i := range n {
		var without, with corpus.Video
		quiet.fill(pairwisePart, i, &without)
		spoken.fill(pairwisePart, i, &with)
		said[i] = with.ASRText
		topics[i], _ = spoken.latentOf(pairwisePart, i)
		length := len([]rune(said[i]))
		if length > maxSpeech {
			t.Fatalf("video %d says %d characters", i, length)
		}
		chars += length
		if length == 0 {
			silent++
		}
		with.ASRText = ""
		if a, b := mustAppend(t, without), mustAppend(t, with); a != b {
			t.Fatalf("video %d shows other than without speech", i)
		}
	}
	if share, mean := float64(silent)/n, float64(chars)/n; share < .02 || share > .12 || mean < 18 || mean > 28 {
		t.Errorf("%.3f say nothing, %.1f characters in the mean", share, mean)
	}
	var near, far, nearPairs, farPairs float64
	for i := range n {
		for j := range i {
			if topics[i] == topics[j] {
				near, nearPairs = near+float64(common(said[i], said[j])), nearPairs+1
			} else if topics[i]/topicsEach != topics[j]/topicsEach && (i+j)%20 == 0 {
				far, farPairs = far+float64(common(said[i], said[j])), farPairs+1
			}
		}
	}
	if a, b := near/nearPairs, far/farPairs; a < 1.3*b {
		t.Errorf("characters in common: %.3f within a topic, %.3f across", a, b)
	}
	err := Options{Like: Competition, ASR: true, Pointwise: 10}.Validate()
	if err == nil || !strings.HasPrefix(err.Error(), "asr: ") {
		t.Errorf("error %v", err)
	}
}

func mustAppend(t *testing.T, v corpus.Video) string {
	t.Helper()
	data, err := corpus.AppendVideo(nil, v, true)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
