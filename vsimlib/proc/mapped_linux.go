// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package proc

/*
extern int mallopt(int parameter, int value) __attribute__((weak)); // other C libraries have none

// vsim_map_arrays makes every array of at least bytes a mapping of its own. Versions of glibc before 2.35 refuse such a size.
static int vsim_map_arrays(int bytes) {
	enum { mmap_threshold = -3, mmap_max = -4 };
	return mallopt && mallopt(mmap_threshold, bytes) && mallopt(mmap_max, 65536);
}
*/
import "C"

// largeArray is the size in bytes from which on an array goes back to the system when it is freed.
const largeArray = 512 << 20

// mapLargeArrays makes large arrays mappings of their own. XLA:CPU takes the temporary memory of a step, gigabytes for a large
// model, as one aligned array. glibc before 2.38 does not find the hole that an aligned array has left, and takes new memory: after
// some steps a large model had more than twice what it needs. The page faults take little of the time of such a step.
func mapLargeArrays() { C.vsim_map_arrays(largeArray) }
