// SPDX-License-Identifier: Apache-2.0

package compilecache

import (
	"bytes"
	"crypto/sha256"
	"reflect"

	"github.com/gomlx/go-xla/stablehlo"
)

// This file alone reads a private field of another module. go-xla v0.4.1 builds a program's StableHLO in the field "builder", a
// *stablehlo.Builder, of its compute/xla.Builder, and gives it to the compiler in Compile; no method returns it. With a method such
// as
//
//	func (b *Builder) StableHLO() ([]byte, error)
//
// in go-xla, or a cache of executables behind its Backend, this file could go. Where the field is gone or of another type, programs
// are compiled as without a cache; TestText fails then, so that an upgrade is noticed.

// key is a hash of the program's text without the name, which GoMLX numbers; ok is false where the program must not be shared.
func (b *cachingBuilder) key() (key programKey, ok bool) {
	if b.placed {
		return key, false
	}
	text, err := programText(b.Builder)
	if err != nil || text == nil {
		return key, false
	}
	return sha256.Sum256(bytes.TrimPrefix(text, []byte("module @"+stablehlo.NormalizeIdentifier(b.Name())))), true
}

// programText returns the StableHLO that a builder of go-xla has so far; nil where the builder is another.
func programText(builder any) ([]byte, error) {
	v := reflect.ValueOf(builder)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, nil
	}
	field := v.Elem().FieldByName("builder")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*stablehlo.Builder]() || field.IsNil() {
		return nil, nil
	}
	return (*stablehlo.Builder)(field.UnsafePointer()).Build()
}
