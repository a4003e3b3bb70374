// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"

	"vsim/vsimlib/half"
)

// The parts of the header of a .npy file, which is a Python literal such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (12, 512), }.
var (
	npyType    = regexp.MustCompile(`'descr': *'([^']*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order': *True`)
	npyShape   = regexp.MustCompile(`'shape': *\(([^)]*)\)`)
	npyMatrix  = regexp.MustCompile(`^ *(\d+), *(\d+),? *$`)
)

// npyFrames reads the features of a clip that another program computed: a NumPy file of floats [T,D], a row a frame. The frames are
// their float16, little-endian, as records have them.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3.
func npyFrames(path string) (frames []byte, number int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	header, values, ok := npyHeader(data)
	if !ok {
		return nil, 0, fmt.Errorf("%s: no NumPy file, or one that is cut; write it with numpy.save(FILE, array)", path)
	}
	kind, shape := npyType.FindStringSubmatch(header), npyShape.FindStringSubmatch(header)
	if kind == nil || shape == nil {
		return nil, 0, fmt.Errorf("%s: its header %q has no descr or no shape; write it with numpy.save(FILE, array)", path, header)
	}
	dims := npyMatrix.FindStringSubmatch(shape[1])
	size := map[string]int{"<f2": 2, "<f4": 4, "<f8": 8}[kind[1]]
	if dims == nil || size == 0 || npyFortran.MatchString(header) {
		return nil, 0, fmt.Errorf("%s: an array of type %s and shape (%s)%s; want frames × features of float16, float32 or float64: "+
			"numpy.save(FILE, numpy.ascontiguousarray(array, 'float16'))", path, kind[1], shape[1],
			map[bool]string{true: " in Fortran's order"}[npyFortran.MatchString(header)])
	}
	number, err = strconv.Atoi(dims[1])
	width, err2 := strconv.Atoi(dims[2])
	if err != nil || err2 != nil || width == 0 || number > len(values)/size/width || number*width*size != len(values) {
		return nil, 0, fmt.Errorf("%s: shape (%s) of %s, but %d bytes of values; write the file again", path, shape[1], kind[1], len(values))
	}
	for i := range number * width {
		h := npyValue(values[i*size:], size)
		if !half.Finite(h) {
			return nil, 0, fmt.Errorf("%s: frame %d, feature %d is NaN or beyond float16, which ends at 65504; scale the features", path,
				i/width, i%width)
		}
		frames = binary.LittleEndian.AppendUint16(frames, h)
	}
	return frames, number, nil
}

// npyHeader splits a file into its header and its values.
func npyHeader(data []byte) (header string, values []byte, ok bool) {
	rest, ok := bytes.CutPrefix(data, []byte("\x93NUMPY"))
	if !ok || len(rest) < 6 {
		return "", nil, false
	}
	length, start := int(binary.LittleEndian.Uint16(rest[2:])), 4 // after two bytes of version
	if rest[0] > 1 {
		length, start = int(binary.LittleEndian.Uint32(rest[2:])), 6
	}
	if length > len(rest)-start {
		return "", nil, false
	}
	return string(rest[start : start+length]), rest[start+length:], true
}

// npyValue is the value at the start of data, of that many bytes, rounded to float16.
func npyValue(data []byte, size int) uint16 {
	switch size {
	case 2:
		return binary.LittleEndian.Uint16(data)
	case 4:
		return half.FromFloat32(math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return half.FromFloat64(math.Float64frombits(binary.LittleEndian.Uint64(data)))
}
