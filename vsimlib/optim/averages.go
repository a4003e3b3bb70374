// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
)

// Averages is the scope of the averages of the weights; below it an average has its weight's name.
const Averages = "/adamw_e"

// AverageDecay is the decay d_t of the averages of weights at an update t, which counts from 1:
//
//	e ← d_t·e + (1−d_t)·w,  d_1 = 0,  d_t = min(decay, t/(t+9))
//
// so the first average is the first update's weights, and later ones forget the beginning: without that, averages of a run that is
// not much longer than 1/(1−decay) updates would be those of fresh weights.
//
// Source: Polyak and Juditsky, SIAM J. Control Optim. 30 (1992) 838, of averages; the decay is that of TensorFlow's
// ExponentialMovingAverage(num_updates) as diffusers' EMAModel counts, and its limit is timm's ModelEmaV2.
func AverageDecay(decay float64, t int) float64 {
	if t <= 1 {
		return 0
	}
	return min(decay, float64(t)/float64(t+9))
}

// WithAverages calls f while the averages are in the store as the weights, and the weights as the averages. Weights without an
// average, because no step has changed them, stay. No step may be made in f, and no tensor is copied.
func WithAverages(store *model.Store, f func() error) error {
	if err := swap(store); err != nil {
		return err
	}
	return errors.Join(f(), swap(store))
}

// swap exchanges the values of the weights and of their averages.
func swap(store *model.Store) error {
	for average := range store.IterVariables() {
		name, is := strings.CutPrefix(average.Path(), Averages+model.ScopeSeparator)
		if !is {
			continue
		}
		weight := store.GetVariable(model.ScopeSeparator + name)
		if weight == nil {
			return fmt.Errorf("optim: no weight %s", name)
		}
		if err := exchange(weight, average); err != nil {
			return fmt.Errorf("optim: weight %s and its average: %w", name, err)
		}
	}
	return nil
}

// exchange exchanges the values of two variables, which are on the host, on one device, or on several.
func exchange(a, b *model.Variable) error {
	if a.ShardingSpec() == nil || b.ShardingSpec() == nil {
		x, err := a.Value()
		if err != nil {
			return err
		}
		y, err := b.Value()
		if err != nil {
			return err
		}
		return errors.Join(a.SetValuePreservingOld(y), b.SetValuePreservingOld(x))
	}
	x, err := a.DistributedValue()
	if err != nil {
		return err
	}
	y, err := b.DistributedValue()
	if err != nil {
		return err
	}
	// A variable frees the value that it has when it is given another one.
	return errors.Join(a.SetValuePreservingOld(nil), b.SetValuePreservingOld(nil), a.SetDistributedValue(y), b.SetDistributedValue(x))
}
