// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// FrameCosineNCE is the masked-frame loss with cosines over a temperature instead of plain dot products (E15), so that long frames
// have no advantage and the temperature alone determines how sharp the choice is:
//
//	E15: L_mfm = 1/|P| Σ_{i∈P} [log Σ_{j real} exp(cos(p_i,f_j)/τ) − cos(p_i,f_i)/τ]
//
// The arguments are those of FrameNCE, of any length. A frame that is all zeros has the cosine 0 with each prediction.
//
// Source: InfoNCE with the normalisation of SimCLR (Chen et al., arXiv 2002.05709, equation 1), whose best τ is 0.1.
func FrameCosineNCE(predictions, keys, real, positions, weights *Node, temperature float64) *Node {
	scaled := ConvertDType(DivScalar(unitRows(predictions), temperature), predictions.DType())
	return FrameNCE(scaled, unitRows(keys), real, positions, weights)
}

// unitRows are the rows of x [N,R] scaled to length one, in float32, and zeros where they are. As in
// torch.nn.functional.normalize, the norm is clipped from below at 1e-12.
func unitRows(x *Node) *Node {
	x = ConvertDType(x, dtypes.Float32)
	return Div(x, Sqrt(MaxScalar(ReduceAndKeep(Square(x), ReduceSum, -1), 1e-24)))
}
