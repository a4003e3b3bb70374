// SPDX-License-Identifier: Apache-2.0

//go:build bge

package huggingface

import (
	"os"
	"testing"
)

// TestImportBGE compares the Chinese BERT that data/bge.sh gets with transformers. By hand, since it needs Maven:
//
//	data/bge.sh data/runs/bge && VSIM_BGE=$PWD/data/runs/bge go test -tags bge -run BGE -v ./vsimlib/huggingface
func TestImportBGE(t *testing.T) {
	dir := os.Getenv("VSIM_BGE")
	if dir == "" {
		t.Fatal("VSIM_BGE does not name the folder that data/bge.sh made")
	}
	if report := checkReal(t, "bge", dir); len(report.Taken) != 69 || len(report.Skipped) != 0 {
		t.Errorf("%d tensors taken, skipped %v; want 69 and none", len(report.Taken), report.Skipped)
	}
}
