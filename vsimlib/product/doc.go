// SPDX-License-Identifier: Apache-2.0

// Package product multiplies matrices in the type of their elements, in both directions: where the operands are bfloat16, so
// are those of the products in the gradient, and every sum is float32.
//
// GoMLX's own rule for the gradient of a product that adds up in a wider type converts both operands to that type. A training step
// under bfloat16 would so do two thirds of its arithmetic in float32, at half the speed of a GPU's tensor cores or less.
package product
