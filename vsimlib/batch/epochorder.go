// SPDX-License-Identifier: Apache-2.0

package batch

import "sync"

// EpochOrder returns the examples of a step in the order of its epoch. It caches the last two orders, because at the end of an
// epoch batches of two epochs are built at the same time.
type EpochOrder struct {
	mu     sync.Mutex
	cached [2]cachedOrder // the newest first
}

type cachedOrder struct {
	n, epoch int
	order    []int32
}

// Indices returns the indices of the step's examples among n, in batches of size; steps and epochs count from firstEpoch on.
func (o *EpochOrder) Indices(n, size int, seed int64, firstEpoch, step int) []int {
	size = min(size, n)
	perEpoch := max(1, n/size)
	order := o.of(n, seed, firstEpoch+step/perEpoch)
	list := make([]int, size)
	for i := range list {
		list[i] = int(order[step%perEpoch*size+i])
	}
	return list
}

func (o *EpochOrder) of(n int, seed int64, epoch int) []int32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.cached {
		if c.order != nil && c.n == n && c.epoch == epoch {
			return c.order
		}
	}
	o.cached = [2]cachedOrder{{n: n, epoch: epoch, order: Order(n, seed, epoch)}, o.cached[0]}
	return o.cached[0].order
}
