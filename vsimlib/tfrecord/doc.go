// SPDX-License-Identifier: Apache-2.0

// Package tfrecord reads and writes TFRecord files of tf.train.Example messages.
//
// A file is a plain sequence of records, all numbers little-endian:
//
//	length  uint64
//	masked CRC32C of the 8 length bytes  uint32
//	data    [length]byte
//	masked CRC32C of the data  uint32
//
// with masked(c) = (c>>15 | c<<17) + 0xa282ead8. Both checksums are always checked, and every length is compared with the
// rest of the file and MaxRecord before anything is allocated, so a damaged or hostile file costs an error, not memory.
//
// A file whose name ends in .gz is decompressed once, into the user's cache folder, and read there: offsets need a plain file.
// Which names are those of record files, shards among them, says [ParseName].
//
// The way of a record: [Open] -> [File.Scan] (one pass, in order) or [File.Index] and [File.Read] (any order, safe for
// concurrent use) -> [Example.Unmarshal]. Writing: [AppendExample] -> [Writer.Write].
//
// A file that ends exactly at the end of a record looks whole in this format. A caller that knows which records must exist
// (package corpus does, from label.tsv) has to notice the missing ones.
package tfrecord
