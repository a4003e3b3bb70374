// SPDX-License-Identifier: Apache-2.0

// Package safetensors reads and writes the safetensors format: an 8-byte little-endian header length, a JSON header that
// names every tensor with its dtype, shape and byte range, and the tensors' little-endian bytes.
//
// A file is data from strangers, so [Open] believes nothing: the header's length is compared with the file's size before it
// is read, the JSON is parsed by a strict parser that refuses repeated and unknown keys, and the tensors must cover the rest
// of the file exactly, without gap or overlap. No memory is taken on the word of a number in the header. Every error is one
// line that names the file, the tensor and what is wrong with it.
//
// [WriteSummed] puts checksums into a file's metadata, as all published files have them: an altered bit would be another number.
//
// Files written here have the bytes that the Python package writes: widest dtype first, then by name.
package safetensors
