// SPDX-License-Identifier: Apache-2.0

package own

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

func cosines(first, second *Node) *Node { return ReduceSum(Mul(first, second), -1) }

// TestNoGradient: a function that trains nothing is refused.
func TestNoGradient(t *testing.T) {
	for name, f := range map[string]PairLoss{
		"a constant":   func(first, _, _ *Node) *Node { return Const(first.Graph(), float32(1)) },
		"labels alone": func(_, _, target *Node) *Node { return ReduceAllMean(Square(target)) },
		"no gradient": func(first, second, target *Node) *Node {
			return ReduceAllMean(Square(Sub(StopGradient(cosines(first, second)), target)))
		},
		"counted": func(first, second, target *Node) *Node { // the share of pairs on the wrong side
			wrong := GreaterThan(Abs(Sub(cosines(first, second), target)), MulScalar(OnesLike(target), 0.5))
			return ReduceAllMean(ConvertDType(wrong, dtypes.Float32))
		},
		"times zero": func(first, second, _ *Node) *Node { return MulScalar(ReduceAllMean(cosines(first, second)), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := RegisterPairLoss(f)
			mustFail(t, err, "pair loss own.TestNoGradient.func", "does not depend on the model", "by first and second are zero")
		})
	}
	_, err := RegisterPooling(func(states, _ *Node) *Node { return ZerosLike(ReduceMean(states, 1)) })
	mustFail(t, err, "pooling own.TestNoGradient.func", "its gradients by states are zero")
	_, err = RegisterTask(func(in TaskInputs) *Node { return ReduceAllMean(in.Frames) })
	mustFail(t, err, "pretraining task own.TestNoGradient.func", "by States and Embedding are zero")
}

// margin is a loss of the pairs on the wrong side of a bound alone.
func margin(of func(first, second, target *Node) *Node) PairLoss {
	return func(first, second, target *Node) *Node {
		x := of(first, second, target)
		return ReduceAllMean(Max(x, ZerosLike(x)))
	}
}

// TestZeroOnSomeBatches: a function with zero gradients on the made-up batch is taken where it trains on another one.
func TestZeroOnSomeBatches(t *testing.T) {
	for name, f := range map[string]PairLoss{
		"near pairs":     margin(func(a, b, _ *Node) *Node { return AddScalar(cosines(a, b), -0.97) }),
		"opposite pairs": margin(func(a, b, _ *Node) *Node { return AddScalar(Neg(cosines(a, b)), -0.97) }),
		"near on average": margin(func(a, b, _ *Node) *Node {
			return AddScalar(ReduceAllMean(cosines(a, b)), -0.9)
		}),
		"labels that the made-up batch lacks": margin(func(a, b, y *Node) *Node {
			near := LessThan(Abs(AddScalar(y, -0.6)), MulScalar(OnesLike(y), 0.05))
			return Mul(OneMinus(cosines(a, b)), ConvertDType(near, dtypes.Float32))
		}),
		"collapse": margin(func(a, _, _ *Node) *Node { // the mean cosine of all firsts with each other, above a bound
			return AddScalar(ReduceAllMean(Einsum("bd,cd->bc", a, a)), -0.9)
		}),
		"underflows": func(a, b, _ *Node) *Node { return MulScalar(MulScalar(ReduceAllMean(cosines(a, b)), 1e-30), 1e-30) },
	} {
		t.Run(name, func(t *testing.T) {
			out, err := function{pairLosses, name, func(in []*Node) *Node { return f(in[0], in[1], in[2]) }}.try()
			if err != nil || len(out) == 0 {
				t.Errorf("%v, %q", err, out)
			}
			if _, err := RegisterPairLoss(f); err != nil {
				t.Error(err)
			}
		})
	}
	_, err := RegisterTask(func(in TaskInputs) *Node { // of the token [MASK], which is 103 in BERT's Chinese vocabulary
		masked := ConvertDType(Equal(in.TextIDs, Const(in.TextIDs.Graph(), int32(103))), dtypes.Float32)
		return ReduceAllMean(Mul(ReduceAllSum(masked), ReduceSum(in.States, -1)))
	})
	if err != nil {
		t.Error(err)
	}
}
