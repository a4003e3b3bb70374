// SPDX-License-Identifier: Apache-2.0

// Package corpus reads a corpus in the layout of the AIAC 2021 (QQ Browser) competition, Track 1:
//
//	pointwise/*.tfrecords                         videos for pretraining, in the order of the file names
//	pairwise/pairwise.tfrecords, label.tsv        videos and the similarity of pairs of them
//	test_a/test_a.tfrecords, test_b/...           videos to embed; label.tsv where the labels are known
//	…/*.tfrecord, NAME.tfrecords-NNNNN-of-NNNNN   the same under other names, in any of these folders, also with .gz
//	tag_list.txt                                  the tags that are predicted, one id a line
//	vocab.txt                                     a BERT vocabulary (optional)
//
// Any part may be absent. What else is in the folders of the parts is not read, and is named: [Corpus.NotRead]. The way of a
// record: [Open] -> [Corpus.Part] (every record is read once, checked and indexed by id) -> [Set.Video] (read again by offset,
// checked again). Frame features stay the float16 bytes of the file. The index is stored in the user's cache folder, so that the
// next start finds it there as long as the files are the same; cache.go says when they are.
//
// What a corpus may look like is fixed in one place, package schema (a record, a line); [Check] lists all that is wrong, the
// other functions stop at the first thing with the same words. Records are counted from 0, lines from 1.
package corpus
