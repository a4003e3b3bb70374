// SPDX-License-Identifier: Apache-2.0

// Package bert builds BERT's blocks (embeddings, encoder, prediction head) in a GoMLX graph. It is independent of video.
//
// Weights are variables of a model.Store in its root scope, under their Hugging Face names, linear weights in PyTorch's layout
// [out, in]. They are float32; with compute type bfloat16 they are cast where they are used, while LayerNorm, softmax and GELU
// remain in float32. Dropout is where BertModel of transformers has it: after the embeddings' LayerNorm, on the attention
// probabilities, and on both dense outputs of a layer before their residual sum.
//
// The letters in shapes are those of package vsimlib. Graph building panics on a programmer's mistake, as GoMLX does; its Exec,
// which runs the building, turns that into an error.
package bert
