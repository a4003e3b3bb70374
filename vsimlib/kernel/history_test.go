// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"encoding/json"
	"strconv"
	"testing"
)

func TestHistory(t *testing.T) {
	var h history
	if got := encoded(t, h.find(historyRequest{Access: "tail", N: 5})["history"]); got != "[]" {
		t.Errorf("an empty history: %s", got)
	}
	for i, code := range []string{"a := 1", "b/c", "a := 1", "d\ne"} {
		h.add(code)
		h.counted(i + 3) // the first cells of the notebook ran before
	}
	for _, c := range []struct{ request, want string }{
		{`{"hist_access_type":"tail","n":2}`, `[[1,5,"a := 1"],[1,6,"d\ne"]]`},
		{`{"hist_access_type":"tail","n":2,"output":true}`, `[[1,5,["a := 1",null]],[1,6,["d\ne",null]]]`},
		{`{"hist_access_type":"range","session":0,"start":4,"stop":6}`, `[[1,4,"b/c"],[1,5,"a := 1"]]`},
		{`{"hist_access_type":"range","session":2,"start":1,"stop":9}`, `[]`},
		{`{"hist_access_type":"search","pattern":"a*"}`, `[[1,3,"a := 1"],[1,5,"a := 1"]]`},
		{`{"hist_access_type":"search","pattern":"a*","unique":true}`, `[[1,5,"a := 1"]]`},
		{`{"hist_access_type":"search","pattern":"*"}`, `[[1,3,"a := 1"],[1,4,"b/c"],[1,5,"a := 1"],[1,6,"d\ne"]]`},
		{`{"hist_access_type":"search","pattern":"*","n":1}`, `[[1,6,"d\ne"]]`},
		{`{"hist_access_type":"search","pattern":"[","n":1}`, `[]`},
	} {
		var r historyRequest
		if err := json.Unmarshal([]byte(c.request), &r); err != nil {
			t.Fatal(err)
		}
		if got := encoded(t, h.find(r)["history"]); got != c.want {
			t.Errorf("%s: %s, want %s", c.request, got, c.want)
		}
	}
	if h.last() != 6 {
		t.Errorf("the last count is %d", h.last())
	}
	for i := range 2 * mostHistory {
		h.add(strconv.Itoa(i))
	}
	if len(h.cells) != mostHistory || h.cells[mostHistory-1].code != strconv.Itoa(2*mostHistory-1) {
		t.Errorf("%d cells, the last is %+v", len(h.cells), h.cells[len(h.cells)-1])
	}
}
