// SPDX-License-Identifier: Apache-2.0

package tfrecord_test

import (
	"bytes"
	"fmt"

	"vsim/vsimlib/tfrecord"
)

// Write a record file in memory, read it, and see a flipped bit refused.
func Example() {
	data, err := tfrecord.AppendExample(nil, []tfrecord.Feature{
		tfrecord.BytesFeature("id", []byte("42")),
		tfrecord.Int64Feature("tag_id", 3, 1, 4),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := tfrecord.NewWriter(&file).Write(data); err != nil {
		fmt.Println(err)
		return
	}
	print := func(content []byte) {
		record, err := tfrecord.NewFile("memory", bytes.NewReader(content), int64(len(content))).Scan().Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		var example tfrecord.Example
		if err := example.Unmarshal(record.Data); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(example.Get("id").Bytes[0]), example.Get("tag_id").Ints)
	}
	print(file.Bytes())
	damaged := bytes.Clone(file.Bytes())
	damaged[20] ^= 1
	print(damaged)
	// Output:
	// 42 [3 1 4]
	// tfrecord: memory: record 0 at byte 0: data checksum is 836f64bc, the 35 data bytes give 682fb071
}
