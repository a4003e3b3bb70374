// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// BytesFeature is a feature of byte strings.
func BytesFeature(name string, values ...[]byte) Feature {
	return Feature{Name: name, Kind: BytesList, Bytes: values}
}

// Int64Feature is a feature of integers.
func Int64Feature(name string, values ...int64) Feature {
	return Feature{Name: name, Kind: Int64List, Ints: values}
}

// AppendExample appends the tf.train.Example of the features to dst: sorted by name, number lists packed, so equal features give
// equal bytes.
func AppendExample(dst []byte, features []Feature) ([]byte, error) {
	order := make([]*Feature, len(features))
	for i := range features {
		order[i] = &features[i]
	}
	slices.SortFunc(order, func(a, b *Feature) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	if len(order) > MaxFeatures {
		return dst, fmt.Errorf("tfrecord: %d features, at most %d are allowed", len(order), MaxFeatures)
	}
	size, values := 0, 0
	for i, f := range order {
		if !utf8.ValidString(f.Name) {
			return dst, fmt.Errorf("tfrecord: the feature name %q is not UTF-8", f.Name)
		}
		if i > 0 && order[i-1].Name == f.Name {
			return dst, fmt.Errorf("tfrecord: the feature %q is given twice", f.Name)
		}
		if f.Kind > Int64List {
			return dst, fmt.Errorf("tfrecord: the feature %q has the unknown kind %d", f.Name, f.Kind)
		}
		if values += max(len(f.Bytes), len(f.Floats), len(f.Ints)); values > MaxValues {
			return dst, fmt.Errorf("tfrecord: with the feature %q the record has more than %d values", f.Name, MaxValues)
		}
		size += delimited(entrySize(f))
	}
	dst = slices.Grow(dst, delimited(size))
	dst = header(dst, 1, size)
	for _, f := range order {
		dst = appendEntry(dst, f)
	}
	return dst, nil
}

// delimited is the size of a length-delimited field with a one-byte tag and n bytes of contents.
func delimited(n int) int { return 1 + protowire.SizeBytes(n) }

func header(dst []byte, num protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, num, protowire.BytesType), uint64(size))
}

// packedSize is the size of the packed numbers of a float or integer list.
func packedSize(f *Feature) int {
	size := 0
	switch f.Kind {
	case FloatList:
		size = 4 * len(f.Floats)
	case Int64List:
		for _, v := range f.Ints {
			size += protowire.SizeVarint(uint64(v))
		}
	}
	return size
}

// listSize is the size of the BytesList, FloatList or Int64List message.
func listSize(f *Feature) int {
	if f.Kind == BytesList {
		size := 0
		for _, v := range f.Bytes {
			size += delimited(len(v))
		}
		return size
	}
	if n := packedSize(f); n > 0 {
		return delimited(n)
	}
	return 0
}

func featureSize(f *Feature) int {
	if f.Kind == None {
		return 0
	}
	return delimited(listSize(f))
}

func entrySize(f *Feature) int { return delimited(len(f.Name)) + delimited(featureSize(f)) }

// appendEntry appends one map entry as field 1 of tf.train.Features.
func appendEntry(dst []byte, f *Feature) []byte {
	dst = header(dst, 1, entrySize(f))
	dst = header(dst, 1, len(f.Name))
	dst = append(dst, f.Name...)
	dst = header(dst, 2, featureSize(f))
	if f.Kind == None {
		return dst
	}
	dst = header(dst, protowire.Number(f.Kind), listSize(f))
	if f.Kind == BytesList {
		for _, v := range f.Bytes {
			dst = append(header(dst, 1, len(v)), v...)
		}
		return dst
	}
	n := packedSize(f)
	if n == 0 {
		return dst
	}
	dst = header(dst, 1, n)
	for _, v := range f.Floats {
		if f.Kind == FloatList {
			dst = protowire.AppendFixed32(dst, math.Float32bits(v))
		}
	}
	for _, v := range f.Ints {
		if f.Kind == Int64List {
			dst = protowire.AppendVarint(dst, uint64(v))
		}
	}
	return dst
}
