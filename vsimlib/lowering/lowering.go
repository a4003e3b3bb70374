// SPDX-License-Identifier: Apache-2.0

// Package lowering turns computations into the text of StableHLO, the programs that XLA compiles, without a plugin and without
// compiling them. It also reads the text from the builders of backends that do compile.
package lowering

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/go-xla/stablehlo"
)

// ErrLowered is the error with which a Backend ends every compilation: it has no program to run.
var ErrLowered = errors.New("the program was lowered, not compiled")

// ErrNoXLA is the error of New in a build without XLA.
var ErrNoXLA = errors.New("lowering: this build of vsim has no XLA")

// Backend is a backend that records the programs it is asked to compile. Its buffers are those of the pure Go backend.
type Backend struct {
	compute.Backend
	builds compute.Backend // makes the builders
	kind   string

	mu    sync.Mutex
	texts [][]byte
}

// New returns a backend that lowers programs as they are built for a kind of device (backends.Kind). Builds without XLA have none.
func New(kind string) (*Backend, error) {
	builds, err := unplugged()
	if err != nil {
		return nil, err
	}
	buffers, err := gobackend.New("")
	if err != nil {
		return nil, fmt.Errorf("lowering: %w", err)
	}
	return &Backend{Backend: buffers, builds: builds, kind: kind}, nil
}

// PluginName is what backends.Kind asks for.
func (b *Backend) PluginName() string { return b.kind }

// Programs are the texts of the programs so far, in the order of their compilation, in normal form (Normal).
func (b *Backend) Programs() [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.texts
}

// Capabilities are those of XLA, so that programs are built of the operations that XLA has.
func (b *Backend) Capabilities() compute.Capabilities { return b.builds.Capabilities() }

// Builder returns one that records.
func (b *Backend) Builder(name string) compute.Builder {
	return &builder{Builder: b.builds.Builder(name), backend: b}
}

type builder struct {
	compute.Builder
	backend *Backend
}

// Compile records the program. Its error is ErrLowered, or why the program has no text.
func (b *builder) Compile() (compute.Executable, error) {
	text, err := Text(b.Builder)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, errors.New("lowering: the StableHLO in the builder of go-xla was not found")
	}
	b.backend.mu.Lock()
	defer b.backend.mu.Unlock()
	b.backend.texts = append(b.backend.texts, Normal(text))
	return nil, ErrLowered
}

// Text returns the StableHLO that a builder of go-xla has so far, without the head of the module, which GoMLX numbers; nil where
// the builder is another.
//
// It reads a private field of another module. go-xla v0.4.1 builds a program's StableHLO in the field "builder", a
// *stablehlo.Builder, of its compute/xla.Builder, and gives it to the compiler in Compile; no method returns it. With a method such
// as
//
//	func (b *Builder) StableHLO() ([]byte, error)
//
// in go-xla this function could go. Tests fail where the field is gone or of another type, so that an upgrade is noticed.
func Text(builder compute.Builder) ([]byte, error) {
	text, err := programText(builder)
	if err != nil || text == nil {
		return nil, err
	}
	return bytes.TrimPrefix(text, []byte("module @"+stablehlo.NormalizeIdentifier(builder.Name()))), nil
}

// programText returns the whole text of a builder of go-xla.
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

// Normal returns a program's text with its values and functions numbered in the order in which they appear: programs that differ in
// names alone have the same.
func Normal(text []byte) []byte {
	numbers := map[string]int{}
	normal := make([]byte, 0, len(text))
	for len(text) > 0 {
		length := nameLength(text)
		if length == 0 {
			normal, text = append(normal, text[0]), text[1:]
			continue
		}
		number, ok := numbers[string(text[:length])]
		if !ok {
			number = len(numbers)
			numbers[string(text[:length])] = number
		}
		normal, text = strconv.AppendInt(append(normal, text[0]), int64(number), 10), text[length:]
	}
	return normal
}

// nameLength is the length of the name, of a value (%rates) or function (@main), that a text begins with; 0 where there is none.
func nameLength(text []byte) int {
	if text[0] != '%' && text[0] != '@' {
		return 0
	}
	n := 1
	for n < len(text) && inName(text[n]) {
		n++
	}
	if n == 1 {
		return 0
	}
	return n
}

func inName(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '$'
}
