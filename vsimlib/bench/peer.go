// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/proc"
)

// Comparison is the speed of a peer in the same run.
type Comparison struct {
	PeerVideosPerS       float64 `json:"peer_videos_per_s"` // best of the rounds
	PeerVideosPerSMedian float64 `json:"peer_videos_per_s_median"`
	Ratio                float64 `json:"ratio"`        // ours to theirs, best to best
	RatioMedian          float64 `json:"ratio_median"` // our median step to their median round
	Rounds               int     `json:"rounds"`
}

func compare(best, median float64, peer []float64) *Comparison {
	c := &Comparison{PeerVideosPerS: slices.Max(peer), PeerVideosPerSMedian: medianOf(peer), Rounds: len(peer)}
	c.Ratio, c.RatioMedian = best/c.PeerVideosPerS, median/c.PeerVideosPerSMedian
	return c
}

// runPeer runs a shell command to its end and returns the videos_per_s of the JSON object on the last line that it prints. The
// command ends with this process.
func runPeer(ctx context.Context, command string) (float64, error) {
	cmd := proc.Command(ctx, "/bin/sh", "-c", command)
	var out bytes.Buffer
	var tail proc.Tail
	cmd.Stdout, cmd.Stderr = &out, &tail
	if err := proc.Run(cmd); err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		why := err.Error()
		if line := tail.LastLine(); line != "" {
			why += ": " + line
		}
		return 0, fmt.Errorf("bench: --against: %s", why)
	}
	return peerSpeed(out.String())
}

// peerSpeed reads the last line of what a peer printed.
func peerSpeed(out string) (float64, error) {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	var said struct {
		VideosPerS *float64 `json:"videos_per_s"`
	}
	if err := json.Unmarshal([]byte(last), &said); err != nil || said.VideosPerS == nil || !(*said.VideosPerS > 0) {
		if len(last) > 80 {
			last = last[:80] + "…"
		}
		return 0, fmt.Errorf("bench: --against: the command's last line is no JSON object with a positive videos_per_s: %q", last)
	}
	return *said.VideosPerS, nil
}
