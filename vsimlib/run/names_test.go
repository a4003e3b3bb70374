// SPDX-License-Identifier: Apache-2.0

package run

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for dirs, want := range map[string]string{
		"data/runs/a data/runs/b":                                 "a b",
		"runs/member1/pretrain runs/member2/pretrain":             "member1 member2",
		"runs/member1/pretrain runs/member1/finetune":             "member1/pretrain member1/finetune",
		"runs/member1/pretrain/ runs/b/":                          "member1 b",
		"study/pretrain-aa/run study/finetune-bb/run":             "pretrain-aa finetune-bb",
		"a/x/finetune b/x/finetune":                               "a/x/finetune b/x/finetune",
		"/finetune":                                               "finetune",
		"one/deep/run/finetune two/deep/run/finetune three/other": "one/deep/run/finetune two/deep/run/finetune three/other",
	} {
		if got := strings.Join(Names(strings.Fields(dirs)), " "); got != want {
			t.Errorf("%s: %s, want %s", dirs, got, want)
		}
	}
}
