// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"fmt"
	"slices"
	"testing"
)

func TestParseName(t *testing.T) {
	for name, want := range map[string]Name{
		"pretrain_0.tfrecords":                   {Set: "pretrain_0.tfrecords"},
		"pretrain_0.tfrecord":                    {Set: "pretrain_0.tfrecord"},
		"a b.tfrecords.gz":                       {Set: "a b.tfrecords.gz"},
		"p.tfrecords-00003-of-00010":             {Set: "p.tfrecords-*-of-00010", Shard: 3, Of: 10},
		"p.tfrecord-00003-of-00010.gz":           {Set: "p.tfrecord-*-of-00010.gz", Shard: 3, Of: 10},
		"p-00000-of-00002.tfrecords":             {Set: "p-*-of-00002.tfrecords", Of: 2},
		"p-00001-of-00002.tfrecord.gz":           {Set: "p-*-of-00002.tfrecord.gz", Shard: 1, Of: 2},
		"1e5.tfrecords-100000-of-200000":         {Set: "1e5.tfrecords-*-of-200000", Shard: 100000, Of: 200000},
		"a.tfrecords-of-b.tfrecords":             {Set: "a.tfrecords-of-b.tfrecords"},
		"short.tfrecords-1-of-2.tfrecords":       {Set: "short.tfrecords-1-of-2.tfrecords"},
		"two-00000-of-00002-00001-of-2.tfrecord": {Set: "two-00000-of-00002-00001-of-2.tfrecord"},
	} {
		if got, ok := ParseName(name); !ok || got != want {
			t.Errorf("%s: %+v, %t; want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{"", ".tfrecords", "._p.tfrecords", ".p.tfrecords-00000-of-00001", "p.TFRECORDS", "part-r-00000",
		"p-00000-of-00010",
		"p.tfrecords.zip", "p.tfrecords.gz.part", "p.tfrecords-1-of-2", "label.tsv", "p.tfrecords~", "p.tfrecords.gz.gz", "tfrecords"} {
		if _, ok := ParseName(name); ok {
			t.Errorf("%s is taken for a record file", name)
		}
	}
}

func TestMissingShards(t *testing.T) {
	var of40 []string
	for shard := range 10 {
		of40 = append(of40, fmt.Sprintf("pointwise/w.tfrecords-%05d-of-00040", shard))
	}
	for _, k := range []struct{ names, want []string }{
		{nil, nil},
		{[]string{"a.tfrecords", "b.tfrecord.gz"}, nil},
		{[]string{"pointwise/p.tfrecords-00000-of-00002", "pointwise/p.tfrecords-00001-of-00002"}, nil},
		{[]string{"pointwise/p.tfrecords-00000-of-00003", "pointwise/p.tfrecords-00002-of-00003"},
			[]string{"p.tfrecords-00001-of-00003"}},
		{[]string{"p-00001-of-00002.tfrecord.gz", "q.tfrecords-00000-of-00002"}, []string{"p-00000-of-00002.tfrecord.gz",
			"q.tfrecords-00001-of-00002"}},
	} {
		if got := MissingShards(k.names); !slices.Equal(got, k.want) {
			t.Errorf("%v: %v, want %v", k.names, got, k.want)
		}
	}
	got := MissingShards(of40)
	if len(got) != 21 || got[0] != "w.tfrecords-*-of-00040 (10 more)" || got[1] != "w.tfrecords-00010-of-00040" {
		t.Errorf("30 of 40 missing: %d names, %v", len(got), got[:2])
	}
	if got := MissingShards([]string{"p.tfrecords-00000-of-999999999"}); len(got) != 21 {
		t.Errorf("a set that claims a billion shards: %d names", len(got))
	}
}
