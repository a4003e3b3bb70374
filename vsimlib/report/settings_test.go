// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"
)

func TestShortSettings(t *testing.T) {
	for want, settings := range map[string][]string{
		"": nil, "pretrain.weight_mfm=0.05556": {"pretrain.weight_mfm=0.05555555555555555"},
		"pretrain.weight_tag=416.7, a.b=5e-05":                   {"pretrain.weight_tag=416.6666666666667", "a.b=5e-05"},
		"pretrain.max_pointwise=10000":                           {"pretrain.max_pointwise=10000"},
		"model.pooling=mean from finetuning on, member 1 of six": {"model.pooling=mean from finetuning on", "member 1 of six"},
	} {
		if got := shortSettings(settings); got != want {
			t.Errorf("%v becomes %q, want %q", settings, got, want)
		}
	}
}

// TestIntervalsStayInOneLine: in HTML no number or interval can be broken over two lines; words can.
func TestIntervalsStayInOneLine(t *testing.T) {
	html := Table{Rows: [][]Cell{{Words("two words"), Number("[+0.1, +0.2]")}}}.HTML()
	if !strings.Contains(html, ">two words<") || !strings.Contains(html, ">[+0.1,\u00a0+0.2]<") {
		t.Error(html)
	}
}
