// SPDX-License-Identifier: Apache-2.0

package synth

// golden is what TestGolden expects.
var golden = map[string]string{
	Controlled: `pairwise/label.tsv 8955 d0d83591edc51201
pairwise/pairwise.tfrecords 119174 7c613a3495b16409
pointwise/pretrain_0.tfrecords 103362 ac52872655994798
tag_list.txt 3500 9ca3529b22b880bd
test_a/label.tsv 4470 89801582794a4bcb
test_a/test_a.tfrecords 33796 6339a103d7c9756c
vocab.txt 5867 e075ba519ea36fb9
`,
	Competition: `pairwise/label.tsv 8954 925135cc767cccbd
pairwise/pairwise.tfrecords 463530 c58ce0eb0c3791dd
pointwise/pretrain_0.tfrecords 236131 b9e699b5f1e9f677
tag_list.txt 71457 c0e3a9c44606e8fd
test_a/label.tsv 4476 9a811cee83c2ab2a
test_a/test_a.tfrecords 225036 827ebb3eade7b46d
vocab.txt 85071 456d4bca240c8e65
`,
}
