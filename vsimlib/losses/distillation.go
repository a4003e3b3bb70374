// SPDX-License-Identifier: Apache-2.0

package losses

import . "github.com/gomlx/gomlx/core/graph"

// Distillation is the part of a teacher in the loss of finetuning (E16), the mean squared error between the cosine of a pair and
// that of the teacher, such as an ensemble:
//
//	E16: L_teacher = 1/B Σ_b (e1_b·e2_b − t_b)²,  L = (1−w)·L_label + w·L_teacher
//
// cosine [B] is what a loss of pairs returns; teacher (t) [B].
//
// Source: Hinton, Vinyals and Dean, arXiv 1503.02531, on matching the outputs of an ensemble by their squared difference (section
// 2.1); MSE of pair scores as in sentence-transformers' MarginMSELoss (Hofstätter et al., arXiv 2010.02666).
func Distillation(cosine, teacher *Node) *Node {
	teacher.AssertDims(cosine.Shape().Dimensions...)
	return ReduceAllMean(Square(Sub(cosine, teacher)))
}
