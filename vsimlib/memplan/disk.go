// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"fmt"

	"vsim/vsimlib/outdir"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

// disk is the space that a run takes, in bytes.
type disk struct {
	checkpoint int64 // weights, both moments, averages
	best       int64 // weights of the best state, of the one before, and of the next
	model      int64
}

func (p Plan) disk() disk {
	count, _ := weightsOf(p.Recipe.Model, func(string) bool { return true })
	weights := times(4, count)
	m := p.memory(p.Recipe)
	d := disk{checkpoint: weights + m.Moments + m.Averages, model: weights}
	if p.Stage == Finetune && p.Recipe.Finetune.Select == recipe.SelectBest {
		d.best = times(3, weights)
	}
	return d
}

// CheckDisk compares what a run takes on the disk of dir with what is free there. It returns an error if not even one checkpoint
// and the model fit, and a warning if not all of it: the newest keep checkpoints, and the one that is being saved. held is what dir
// has of it already. free is outdir.Free where it is nil.
func (p Plan) CheckDisk(dir string, held int64, keep int, free func(dir string) int64) (warning string, err error) {
	if free == nil {
		free = outdir.Free
	}
	left, d := free(dir), p.disk()
	least, all := d.checkpoint+d.model, times(int64(keep+1), d.checkpoint)+d.best
	if held > 0 { // the model follows when an old checkpoint has made way
		least = d.checkpoint
	}
	switch all = max(all-held, least); {
	case left <= 0 || left >= all:
		return "", nil
	case left < least:
		return "", fmt.Errorf("%s: %s: the disk is too full: a checkpoint takes %s and the model %s, and %s are free; free some "+
			"space or take another disk", p.Stage, dir, text.Bytes(d.checkpoint), text.Bytes(d.model), text.Bytes(left))
	}
	return fmt.Sprintf("%s: %s: the disk may not suffice: checkpoints of %s each take up to %s more, and %s are free; "+
		"a save that does not fit is left out", p.Stage, dir, text.Bytes(d.checkpoint), text.Bytes(all), text.Bytes(left)), nil
}
