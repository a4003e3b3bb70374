// SPDX-License-Identifier: Apache-2.0

// Package synth writes generated corpora in the competition's layout and schema, of two kinds.
//
// [Controlled] is small and fast to learn. A latent space of categories, topics and videos makes all that a video shows: the words
// of its title, its tags, its frames; labels are the quantised similarity of two latents. So weak tags on many videos teach what
// few labelled pairs cannot, and pretraining pays, as in the competition.
//
// [Competition] has the published statistics of the competition's data: lengths of titles, speech and videos, tags a video and how
// common each tag is, categories, label levels, the graph of pairs with its giant component, 1536 float16 a frame, 50,000 records a
// file. It is for load and scale; topics show in it too, but nothing is tuned to be learnt. A frame is copied together from blocks
// that were drawn once, so that making a corpus costs little more than writing it.
//
// The same options give the same bytes, whatever the number of processors: every video has a random stream of its own, made of
// (seed, part, index). So the videos of a smaller part are the first ones of a larger. Another seed is another world. Memory is
// bounded by the number of pairs, not by that of videos: see [MaxPairs].
package synth
