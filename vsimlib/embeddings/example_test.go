// SPDX-License-Identifier: Apache-2.0

package embeddings_test

import (
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/embeddings"
)

// Write a file that Python's safetensors reads as ids [2] and embeddings [2,3], and read it again.
func ExampleSet() {
	dir, err := os.MkdirTemp("", "embeddings")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "two.safetensors")

	set := &embeddings.Set{IDs: []int64{7, 5}, Dim: 3, Data: []float32{1, 0, 0, 0.6, 0.8, 0}}
	if err := set.Write(path); err != nil {
		fmt.Println(err)
		return
	}
	read, err := embeddings.Read(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	row, err := read.Index()
	fmt.Println(read.Len(), read.Row(row[5]), err)
	// Output: 2 [0.6 0.8 0] <nil>
}

func ExampleParseShard() {
	fmt.Println(embeddings.ParseShard("2/7"))
	// Output: 2 7 <nil>
}
