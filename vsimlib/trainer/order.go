// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"sync"

	"vsim/vsimlib/batch"
)

// epochOrder gives the places of a step's examples in an epoch's order. It keeps the last two orders made, for where one epoch ends
// batches of both are made at the same time.
type epochOrder struct {
	mu   sync.Mutex
	kept [2]keptOrder // the newest first
}

type keptOrder struct {
	n, epoch int
	order    []int32
}

func (o *epochOrder) places(n, size int, seed int64, firstEpoch, step int) []int {
	size = min(size, n)
	perEpoch := max(1, n/size)
	order := o.of(n, seed, firstEpoch+step/perEpoch)
	places := make([]int, size)
	for i := range places {
		places[i] = int(order[step%perEpoch*size+i])
	}
	return places
}

func (o *epochOrder) of(n int, seed int64, epoch int) []int32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range o.kept {
		if k.order != nil && k.n == n && k.epoch == epoch {
			return k.order
		}
	}
	o.kept = [2]keptOrder{{n: n, epoch: epoch, order: batch.Order(n, seed, epoch)}, o.kept[0]}
	return o.kept[0].order
}
