// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// Name is what the name of a record file says.
type Name struct {
	Set   string // the name without the number of the shard: equal in all shards of a set, and the name itself outside a set
	Shard int    // number of the shard, from 0
	Of    int    // shards of the set; 0 where the name has no such number
}

// The names of record files: NAME.tfrecords or NAME.tfrecord, where shards are numbered as TensorFlow does it, in front of the
// suffix or behind it, and perhaps compressed.
var (
	plainName  = regexp.MustCompile(`^[^.].*\.tfrecords?(\.gz)?$`)
	behindName = regexp.MustCompile(`^([^.].*\.tfrecords?-)(\d{5,9})-of-(\d{5,9})(\.gz)?$`)
	beforeName = regexp.MustCompile(`^([^.].*-)(\d{5,9})-of-(\d{5,9})(\.tfrecords?(?:\.gz)?)$`)
)

// ParseName takes the name of a file apart, without its folder. ok is false where it is not the name of a record file: those are
// *.tfrecords, *.tfrecord and NAME.tfrecords-NNNNN-of-NNNNN, each also with .gz, that do not begin with a point.
func ParseName(name string) (n Name, ok bool) {
	parts := behindName.FindStringSubmatch(name)
	if parts == nil {
		parts = beforeName.FindStringSubmatch(name)
	}
	if parts == nil {
		return Name{Set: name}, plainName.MatchString(name)
	}
	n.Shard, _ = strconv.Atoi(parts[2]) // at most nine digits
	n.Of, _ = strconv.Atoi(parts[3])
	n.Set = parts[1] + "*-of-" + parts[3] + parts[4]
	return n, true
}

// maxMissing bounds the list of MissingShards: a set that claims millions of shards is not listed in full.
const maxMissing = 20

// MissingShards returns, for the record files of one folder, the names of the shards that their own names say there are but that
// are not among them: at most twenty of each set, then "and N more".
func MissingShards(names []string) []string {
	type set struct {
		of    int
		found map[int]bool
	}
	sets := map[string]*set{}
	for _, path := range names {
		n, ok := ParseName(filepath.Base(path))
		if !ok || n.Of == 0 {
			continue
		}
		if sets[n.Set] == nil {
			sets[n.Set] = &set{n.Of, map[int]bool{}}
		}
		sets[n.Set].found[n.Shard] = true
	}
	var missing []string
	for name, s := range sets {
		listed := 0
		for shard := 0; shard < s.of && listed < maxMissing; shard++ {
			if !s.found[shard] {
				missing = append(missing, shardName(name, shard))
				listed++
			}
		}
		if more := s.of - len(s.found) - listed; more > 0 {
			missing = append(missing, fmt.Sprintf("%s (%d more)", name, more))
		}
	}
	slices.Sort(missing)
	return missing
}

// shardName puts the number of a shard back into the name of its set.
func shardName(set string, shard int) string {
	at := starOf.FindStringIndex(set)
	width := at[1] - at[0] - len("*-of-")
	return fmt.Sprintf("%s%0*d%s", set[:at[0]], width, shard, set[at[0]+1:])
}

var starOf = regexp.MustCompile(`\*-of-\d+`)
