// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// placement is where the arrays of a training step are: on the first device, or the rows of a batch shared out over several, with
// all else, weights and moments too, on each of them. The program is the same one over the whole batch, which XLA partitions, so
// the losses are those of one device up to rounding: a masked frame is held against the frames of all devices. But a row must be one
// video's, so nothing is packed; where one device packs, dropout, which draws by position, draws otherwise there.
type placement struct {
	backend        compute.Backend
	mesh           *distributed.DeviceMesh // nil: one device
	sharded, whole *distributed.ShardingSpec
}

// place plans for n devices; 0 stands for one.
func place(backend compute.Backend, n int) (placement, error) {
	p := placement{backend: backend}
	if n <= 1 {
		return p, nil
	}
	if has := backend.NumDevices(); n > has {
		return p, fmt.Errorf("%d devices are asked for, but the backend %s has %d", n, backend.Name(), has)
	}
	const axis = "rows"
	var err error
	if p.mesh, err = distributed.NewDeviceMesh([]int{n}, []string{axis}); err != nil {
		return p, err
	}
	p.whole = distributed.NewReplicatedShardingSpec(p.mesh)
	p.sharded, err = distributed.NewShardingSpec(p.mesh, distributed.AxisSpec{axis})
	return p, err
}

// spec is that of an array whose first axis is the rows of a batch, or of any other.
func (p placement) spec(rows bool) *distributed.ShardingSpec {
	if rows {
		return p.sharded
	}
	return p.whole
}

// spread makes exec run on all devices of the placement; rows tells of each of its first arrays whether its first axis is the
// rows of a batch. The others, and what it returns, are on every device.
func (p placement) spread(exec *model.Exec, rows []bool) {
	if p.mesh == nil {
		return
	}
	var specs []*distributed.ShardingSpec
	for _, r := range rows {
		specs = append(specs, p.spec(r))
	}
	exec.AutoSharding(p.mesh).WithInputShardingSpecs(append(specs, p.whole)...).WithOutputShardingSpecs(p.whole)
}

// put moves arrays to the devices; rows is as for spread.
func (p placement) put(arrays []any, rows []bool) error {
	for i, array := range arrays {
		t := array.(*tensors.Tensor)
		if p.mesh == nil {
			if err := t.ToDevice(p.backend, 0); err != nil {
				return err
			}
			continue
		}
		shared, err := dtensor.ShardTensor(p.spec(i < len(rows) && rows[i]), t)
		if err != nil {
			return err
		}
		if err := t.FinalizeAll(); err != nil {
			return err
		}
		for device, shard := range shared.Shards() {
			if err := shard.ToDevice(p.backend, compute.DeviceNum(device)); err != nil {
				return err
			}
		}
		arrays[i] = shared
	}
	return nil
}

// splits checks that a step over n examples, of a batch of that size where there are so many, can be split into micro-batches, and
// these over the devices.
func (s *session) splits(n, size, accumulate int) error {
	size, accumulate = min(n, size), max(1, accumulate)
	if size%accumulate != 0 {
		return fmt.Errorf("%s: there are %d examples, fewer than %s.batch, and %s.accumulate %d does not divide them", s.stage, n, s.stage, s.stage, accumulate)
	}
	if micro := size / accumulate; micro%max(1, s.Devices) != 0 {
		return fmt.Errorf("%s: %d devices cannot share %d examples (%s.batch, with fewer examples their number, by %s.accumulate) equally; set another batch",
			s.stage, s.Devices, micro, s.stage, s.stage)
	}
	return nil
}
