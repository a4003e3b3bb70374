// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"sync"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/trainer"
)

// opened is a backend, as the options of package trainer that have it, and its description.
type opened struct {
	trainer.Options
	info backends.Info
}

// openDevice opens the backend, once a cell.
var openDevice = sync.OnceValues(func() (o opened, err error) {
	o.Backend, o.info, err = backends.Open()
	return o, err
})

// device opens the backend and shows its warning.
func (b *board) device() (opened, error) {
	d, err := openDevice()
	if err == nil && d.info.Warning != "" {
		b.warn(d.info.Warning)
	}
	return d, err
}

// onDevice runs work that can be stopped on the backend.
func onDevice(what string, work func(ctx context.Context, d opened) error) error {
	b := newBoard(what)
	return stoppable(what, nil, func(ctx context.Context) error {
		d, err := b.device()
		if err != nil {
			return err
		}
		return work(ctx, d)
	})
}

// onDeviceFor is onDevice for work that has a value and cannot be stopped.
func onDeviceFor[T any](what string, work func(d opened) (T, error)) (value T, err error) {
	err = onDevice(what, func(_ context.Context, d opened) (err error) {
		value, err = work(d)
		return err
	})
	return value, err
}
