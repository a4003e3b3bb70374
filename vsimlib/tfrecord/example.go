// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind says which of the three lists a feature holds; the values are the field numbers of tf.train.Feature.
type Kind uint8

// The kinds of a feature. None is a Feature message in which no list is set.
const (
	None Kind = iota
	BytesList
	FloatList
	Int64List
)

// String names the kind as tf.train.Feature does.
func (k Kind) String() string {
	if k > Int64List {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return [...]string{"none", "bytes_list", "float_list", "int64_list"}[k]
}

const (
	// MaxFeatures bounds the map entries of one Example, MaxValues the values of all its features: a message of MaxRecord bytes
	// of tiny elements could otherwise ask for many times its own size.
	MaxFeatures = 4096
	MaxValues   = 1 << 20
)

// Feature is one named feature: the list of its Kind, the other lists are empty.
type Feature struct {
	Name   string
	Kind   Kind
	Bytes  [][]byte
	Floats []float32
	Ints   []int64
}

// Example is a decoded tf.train.Example. Unmarshal reuses what it holds, so decoding many records with one Example allocates
// next to nothing.
type Example struct {
	Features []Feature // in the order of first appearance, names are unique
}

// Get returns the feature of that name, nil where there is none. It is valid until the next Unmarshal.
func (e *Example) Get(name string) *Feature {
	for i := range e.Features {
		if e.Features[i].Name == name {
			return &e.Features[i]
		}
	}
	return nil
}

// DecodeError is data that is no tf.train.Example: where in the data, in which field, and why.
type DecodeError struct {
	Offset int // within the record's data
	Field  string
	Reason string
}

// Error gives the three fields on one line.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("malformed Example at data byte %d, field %s: %s", e.Offset, e.Field, e.Reason)
}

// Unmarshal decodes data as protocol buffers do: unknown fields are skipped, of duplicate map keys the last one wins,
// number lists may be packed or not. The byte values alias data.
func (e *Example) Unmarshal(data []byte) error {
	e.Features = e.Features[:0]
	d := decoder{all: data, out: e}
	return d.fields(data, "features", func(num protowire.Number, typ protowire.Type, features []byte) error {
		if num != 1 || typ != protowire.BytesType {
			return nil
		}
		return d.fields(features, "features.feature", func(num protowire.Number, typ protowire.Type, entry []byte) error {
			if num != 1 || typ != protowire.BytesType {
				return nil
			}
			return d.entry(entry)
		})
	})
}

// decoder holds the whole message, so that errors can give offsets in it.
type decoder struct {
	all     []byte
	out     *Example
	entries int
	values  int            // of all features so far, those that a later entry replaced too
	slots   map[string]int // the index of each feature by name; nil while there are few
}

// few is how many features are searched one by one.
const few = 16

// fail makes an error at b, which is a tail or a part of d.all.
func (d *decoder) fail(b []byte, field, format string, args ...any) error {
	return &DecodeError{Offset: cap(d.all) - cap(b), Field: field, Reason: fmt.Sprintf(format, args...)}
}

// fields calls visit for each field of a message, with the field's contents for BytesType and its raw bytes for all else.
func (d *decoder) fields(b []byte, path string, visit func(protowire.Number, protowire.Type, []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return d.fail(b, path, "%v", protowire.ParseError(n))
		}
		if num > protowire.MaxValidNumber {
			return d.fail(b, path, "field number %d is too large", num)
		}
		b = b[n:]
		var value []byte
		if typ == protowire.BytesType {
			value, n = protowire.ConsumeBytes(b)
		} else if n = protowire.ConsumeFieldValue(num, typ, b); n >= 0 {
			value = b[:n]
		}
		if n < 0 {
			return d.fail(b, path, "%v", protowire.ParseError(n))
		}
		if err := visit(num, typ, value); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// entry decodes one map entry {key = 1, value = 2}. The key may stand behind the value, so it is looked for first.
func (d *decoder) entry(entry []byte) error {
	if d.entries++; d.entries > MaxFeatures {
		return d.fail(entry, "features.feature", "more than %d features", MaxFeatures)
	}
	var key []byte
	err := d.fields(entry, "features.feature", func(num protowire.Number, typ protowire.Type, value []byte) error {
		if num == 1 && typ == protowire.BytesType {
			key = value
			if !utf8.Valid(key) {
				return d.fail(value, "features.feature", "the name is not UTF-8")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	feature := d.slot(key)
	return d.fields(entry, feature.Name, func(num protowire.Number, typ protowire.Type, value []byte) error {
		if num != 2 || typ != protowire.BytesType {
			return nil
		}
		return d.fields(value, feature.Name, func(num protowire.Number, typ protowire.Type, list []byte) error {
			if kind := Kind(num); num <= protowire.Number(Int64List) && typ == protowire.BytesType {
				if feature.Kind != kind { // the lists are a oneof: the last kind wins, lists of one kind are merged
					feature.reset(kind)
				}
				return d.list(feature, list)
			}
			return nil
		})
	})
}

// slot returns an empty feature of that name: the one already met, else the next, with the memory it had for an earlier record.
func (d *decoder) slot(key []byte) *Feature {
	fs := d.out.Features
	if i := d.find(key); i >= 0 {
		fs[i].reset(None)
		return &fs[i]
	}
	if len(fs) < cap(fs) {
		fs = fs[:len(fs)+1]
	} else {
		fs = append(fs, Feature{})
	}
	d.out.Features = fs
	f := &fs[len(fs)-1]
	if f.Name != string(key) {
		f.Name = string(key)
	}
	f.reset(None)
	if d.slots != nil {
		d.slots[f.Name] = len(fs) - 1
	}
	return f
}

// find is the index of the feature of that name, or -1. Of many features it makes a map, so that a record takes linear time.
func (d *decoder) find(key []byte) int {
	fs := d.out.Features
	if len(fs) < few {
		return slices.IndexFunc(fs, func(f Feature) bool { return f.Name == string(key) })
	}
	if d.slots == nil {
		d.slots = make(map[string]int, 2*len(fs))
		for i := range fs {
			d.slots[fs[i].Name] = i
		}
	}
	if i, ok := d.slots[string(key)]; ok {
		return i
	}
	return -1
}

func (f *Feature) reset(kind Kind) {
	f.Kind, f.Bytes, f.Floats, f.Ints = kind, f.Bytes[:0], f.Floats[:0], f.Ints[:0]
}

// list decodes a BytesList, FloatList or Int64List onto the feature: repeated field 1.
func (d *decoder) list(f *Feature, list []byte) error {
	return d.fields(list, f.Name, func(num protowire.Number, typ protowire.Type, value []byte) error {
		if num != 1 {
			return nil
		}
		switch {
		case f.Kind == BytesList && typ == protowire.BytesType:
			f.Bytes = append(f.Bytes, value[:len(value):len(value)])
			d.values++
		case f.Kind == FloatList && typ == protowire.Fixed32Type:
			f.Floats = append(f.Floats, float(value))
			d.values++
		case f.Kind == FloatList && typ == protowire.BytesType:
			if len(value)%4 != 0 {
				return d.fail(value, f.Name, "%d bytes are no whole number of float32", len(value))
			}
			for ; len(value) > 0 && d.values <= MaxValues; value = value[4:] {
				f.Floats = append(f.Floats, float(value))
				d.values++
			}
		case f.Kind == Int64List && (typ == protowire.VarintType || typ == protowire.BytesType):
			for len(value) > 0 && d.values <= MaxValues {
				v, n := protowire.ConsumeVarint(value)
				if n < 0 {
					return d.fail(value, f.Name, "%v", protowire.ParseError(n))
				}
				f.Ints = append(f.Ints, int64(v))
				d.values++
				value = value[n:]
			}
		}
		if d.values > MaxValues {
			return d.fail(value, f.Name, "more than %d values in one record", MaxValues)
		}
		return nil
	})
}

func float(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
