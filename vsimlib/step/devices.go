// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/recipe"
)

// Devices are the devices that a step runs on. On one device, all arrays are there. On several, the rows of a batch are divided
// among them, and all other arrays, weights and moments too, are on each. The program is the same one over the whole batch, which
// XLA partitions, so the losses are those of one device up to rounding: a masked frame is compared with the frames of all
// devices.
type Devices struct {
	backend        compute.Backend
	count          int
	waits          bool                    // for each step, whatever the backend could do
	mesh           *distributed.DeviceMesh // nil: one device
	sharded, whole *distributed.ShardingSpec
}

// NewDevices returns n devices of a backend; 0 means one. It is an error if the backend has fewer.
func NewDevices(backend compute.Backend, n int) (Devices, error) {
	d := Devices{backend: backend, count: max(1, n)}
	if n <= 1 {
		return d, nil
	}
	if has := backend.NumDevices(); n > has {
		return d, fmt.Errorf("%d devices are asked for, but the backend %s has %d", n, backend.Name(), has)
	}
	const axis = "rows"
	var err error
	if d.mesh, err = distributed.NewDeviceMesh([]int{n}, []string{axis}); err != nil {
		return d, err
	}
	d.whole = distributed.NewReplicatedShardingSpec(d.mesh)
	d.sharded, err = distributed.NewShardingSpec(d.mesh, distributed.AxisSpec{axis})
	return d, err
}

// Backend is the backend of the devices.
func (d Devices) Backend() compute.Backend { return d.backend }

// Count is the number of devices.
func (d Devices) Count() int { return d.count }

// asynchronous reports whether the host can go on while a step is computed: over several devices it cannot.
func (d Devices) asynchronous() bool {
	return d.count == 1 && !d.waits && backends.Asynchronous(d.backend)
}

// ModelOn returns the configuration that the graphs of a model follow on n devices. Over several each video has a row of its own,
// because rows are what they divide; where one device packs, dropout, which draws by position, has other draws there.
func ModelOn(m recipe.Model, n int) recipe.Model {
	m.KeepPadding = m.KeepPadding || n > 1
	return m
}

// CheckSplit returns an error if a step of a stage, a section of the recipe, over n examples or a batch, whichever is fewer,
// cannot be divided into micro-batches and these among the devices.
func CheckSplit(stage string, n, batch, accumulate, devices int) error {
	examples, accumulate := min(n, batch), max(1, accumulate)
	if examples%accumulate != 0 {
		return fmt.Errorf("%s: there are %d examples, fewer than %s.batch, and %s.accumulate %d does not divide them",
			stage, examples, stage, stage, accumulate)
	}
	if micro := examples / accumulate; micro%max(1, devices) != 0 {
		return fmt.Errorf("%s: %d devices cannot share %d examples (%s.batch, with fewer examples their number, by %s.accumulate) "+
			"equally; set another batch", stage, devices, micro, stage, stage)
	}
	return nil
}

// spec is the distribution of an array: rows reports whether its first axis is the rows of a batch.
func (d Devices) spec(rows bool) *distributed.ShardingSpec {
	if rows {
		return d.sharded
	}
	return d.whole
}

// spread makes exec run on all of the devices. Its first parameters are inputs; the others, and its results, are on every device.
func (d Devices) spread(exec *model.Exec, inputs []array) {
	if d.mesh == nil {
		return
	}
	var specs []*distributed.ShardingSpec
	for _, in := range inputs {
		specs = append(specs, d.spec(in.rows))
	}
	exec.AutoSharding(d.mesh).WithInputShardingSpecs(append(specs, d.whole)...).WithOutputShardingSpecs(d.whole)
}

// put moves arrays from the host to the devices.
func (d Devices) put(arrays []array) error {
	for i, a := range arrays {
		t := a.value.(*tensors.Tensor)
		if d.mesh == nil {
			if err := t.ToDevice(d.backend, 0); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			continue
		}
		shared, err := d.share(t, a.rows)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		arrays[i].value = shared
	}
	return nil
}

// share distributes a host array over several devices and frees it on the host.
func (d Devices) share(t *tensors.Tensor, rows bool) (*dtensor.Tensor, error) {
	shared, err := dtensor.ShardTensor(d.spec(rows), t)
	if err != nil {
		return nil, err
	}
	if err := t.FinalizeAll(); err != nil {
		return nil, err
	}
	for device, shard := range shared.Shards() {
		if err := shard.ToDevice(d.backend, compute.DeviceNum(device)); err != nil {
			return nil, err
		}
	}
	return shared, nil
}
