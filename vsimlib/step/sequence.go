// SPDX-License-Identifier: Apache-2.0

package step

import "iter"

// Made is a step of a Sequence.
type Made[B any] struct {
	Outcome Outcome
	Batch   B    // not freed
	Ahead   bool // the next step is sent already: weights and moments are those after it
	Sent    bool // of an error: it is that of the step, not of its batch
}

// carrier is a Batch, or what embeds one.
type carrier interface{ carried() Batch }

// Sequence makes the steps of batches, which it takes uploaded, and yields their outcomes in order. On a GPU it sends the next step
// before it waits for the outcome of one, unless pause reports that something is to be done after n steps, which then finds the
// weights and moments of that moment. It ends with the first error, of a batch or of a step; after an outcome that is not finite
// the caller must end it, and weights and moments are as before that step, also where the next one was sent.
func Sequence[B carrier](s *Step, batches iter.Seq2[B, error], pause func(n int) bool) iter.Seq2[Made[B], error] {
	return func(yield func(Made[B], error) bool) {
		q := queue[B]{yield: yield}
		defer q.drain()
		for b, err := range batches {
			var now sent
			ok := err == nil
			if ok {
				now, err = s.send(b.carried())
			}
			// Where a step could not be sent, it may have taken the weights with it.
			if !q.collect(ok) {
				if ok && err == nil {
					q.push(now, b)
				}
				return
			}
			if err != nil {
				yield(Made[B]{Batch: b, Sent: ok}, err)
				return
			}
			q.push(now, b)
			if s.Ahead() && !pause(b.carried().n+1) {
				continue
			}
			if !q.collect(false) {
				return
			}
		}
		q.collect(false)
	}
}

// queue has the step that was sent and not collected, if there is one.
type queue[B carrier] struct {
	yield func(Made[B], error) bool
	some  bool
	step  sent
	batch B
}

func (q *queue[B]) push(step sent, b B) { q.some, q.step, q.batch = true, step, b }

// collect waits for the step and yields its outcome; ahead reports whether the next one was sent. It returns whether to go on.
func (q *queue[B]) collect(ahead bool) bool {
	if !q.some {
		return true
	}
	q.some = false
	made, err := q.step.collect()
	return q.yield(Made[B]{Outcome: made, Batch: q.batch, Ahead: ahead, Sent: true}, err) && err == nil
}

// drain waits for a step of which no caller wants the outcome, so that the devices are done with its batch.
func (q *queue[B]) drain() {
	if q.some {
		_, _ = q.step.collect()
		_ = q.batch.carried().Free()
	}
}
