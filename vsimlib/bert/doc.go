// SPDX-License-Identifier: Apache-2.0

// Package bert builds BERT's blocks (embeddings, encoder, prediction head) in a GoMLX graph. It knows nothing of video.
//
// Weights are variables of a model.Store in its root scope, under their Hugging Face names, linear weights as PyTorch keeps
// them: [out, in]. They are float32; with compute type bfloat16 they are cast where they are used, while LayerNorm and
// softmax stay in float32. Dropout stands where BertModel of transformers has it: after the embeddings' LayerNorm, on the
// attention probabilities, and on both dense outputs of a layer before their residual sum.
//
// Shapes: B batch, S sequence, H hidden, A heads, V vocabulary. Graph building panics on a programmer's mistake, as GoMLX
// does; its Exec, which runs the building, turns that into an error.
package bert
