// SPDX-License-Identifier: Apache-2.0

package hlo

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a protobuf message: a varint's value, or the bytes of a string, a message or a packed list.
type field struct {
	number protowire.Number
	value  uint64
	bytes  []byte
}

// errTorn is the error of a message that ends too early or is none.
var errTorn = errors.New("not a protobuf message, or a torn one")

// each calls f for every field of a message, in order. Fixed-width fields, of which this package reads none, are passed over.
func each(message []byte, f func(field) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errTorn
		}
		message = message[n:]
		one := field{number: number}
		switch kind {
		case protowire.VarintType:
			one.value, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			one.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return errTorn
		}
		message = message[n:]
		if kind != protowire.VarintType && kind != protowire.BytesType {
			continue
		}
		if err := f(one); err != nil {
			return err
		}
	}
	return nil
}

// ints appends the values of a repeated integer field, which may be packed or not.
func (f field) ints(to *[]int64) error {
	if f.bytes == nil {
		*to = append(*to, int64(f.value))
		return nil
	}
	for rest := f.bytes; len(rest) > 0; {
		v, n := protowire.ConsumeVarint(rest)
		if n < 0 {
			return errTorn
		}
		*to, rest = append(*to, int64(v)), rest[n:]
	}
	return nil
}

// in adds to an error which part of the message it is about.
func in(part string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", part, err)
}
