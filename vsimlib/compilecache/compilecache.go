// SPDX-License-Identifier: Apache-2.0

// Package compilecache keeps what a backend compiles, so that a program is compiled once in a process.
package compilecache

import (
	"crypto/sha256"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// New returns the backend with a memory for what it compiles: a program of the same text is compiled once. It stays while it is in
// use, and so do the programs that were used last. Trainings that differ in seed, data, rates or length alone have the same
// programs, so that of many in one process only the first compiles. Where the text of a program cannot be had (the Go backend
// compiles at once anyway), nothing is stored.
func New(backend compute.Backend) compute.Backend {
	return &caching{Backend: backend, programs: map[programKey]*program{}, idle: idlePrograms}
}

// idlePrograms is the number of unreferenced executables that stay. XLA:CPU takes several hundred memory mappings for each, of
// which Linux gives a process 65,530; without any left nothing compiles any more.
const idlePrograms = 40

type caching struct {
	compute.Backend
	idle int

	mu       sync.Mutex
	programs map[programKey]*program
	released int // number of releases
}

// Unwrap is the backend that compiles.
func (r *caching) Unwrap() compute.Backend { return r.Backend }

type programKey [sha256.Size]byte

// program is compiled by the first who wants it; the others wait.
type program struct {
	once sync.Once
	exec compute.Executable
	err  error

	users int
	last  int // the count of releases when it was last released
}

// use returns the program of that key and counts its user.
func (r *caching) use(key programKey) *program {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.programs[key]
	if p == nil {
		p = &program{}
		r.programs[key] = p
	}
	p.users++
	return p
}

// release counts a user less and frees the programs that were idle longest, where there are more than may stay. One that did not
// compile is forgotten, for it may the next time.
func (r *caching) release(key programKey, p *program) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.released++
	p.users, p.last = p.users-1, r.released
	if p.err != nil {
		if r.programs[key] == p {
			delete(r.programs, key)
		}
		return
	}
	for {
		count := 0
		var oldest programKey
		for key, p := range r.programs {
			if p.users > 0 {
				continue
			}
			if count++; count == 1 || p.last < r.programs[oldest].last {
				oldest = key
			}
		}
		if count <= r.idle {
			return
		}
		r.programs[oldest].exec.Finalize()
		delete(r.programs, oldest)
	}
}

// Builder returns one that looks for its program before it compiles.
func (r *caching) Builder(name string) compute.Builder {
	return &cachingBuilder{Builder: r.Backend.Builder(name), backend: r}
}

type cachingBuilder struct {
	compute.Builder
	backend *caching
	placed  bool // on several devices, or on certain ones, which the text does not have
}

func (b *cachingBuilder) DistributedSPMD(devices int) error {
	b.placed = true
	return b.Builder.DistributedSPMD(devices)
}

func (b *cachingBuilder) DistributedAutoSharding(meshes ...compute.Mesh) error {
	b.placed = true
	return b.Builder.DistributedAutoSharding(meshes...)
}

func (b *cachingBuilder) DeviceAssignment(devices ...compute.DeviceNum) error {
	b.placed = true
	return b.Builder.DeviceAssignment(devices...)
}

// Compile returns a program of the same text, or compiles this one.
func (b *cachingBuilder) Compile() (compute.Executable, error) {
	key, ok := b.key()
	if !ok {
		exec, err := b.Builder.Compile()
		if err != nil {
			return nil, err
		}
		return shared{exec, b.backend, exec.Finalize}, nil
	}
	p := b.backend.use(key)
	p.once.Do(func() { p.exec, p.err = b.Builder.Compile() })
	release := sync.OnceFunc(func() { b.backend.release(key, p) })
	if p.err != nil {
		release()
		return nil, p.err
	}
	return shared{p.exec, b.backend, release}, nil
}

// shared is a program that several may use: the last of them does not end it.
type shared struct {
	compute.Executable
	backend *caching
	release func()
}

// Finalize gives the program back.
func (k shared) Finalize() { k.release() }

// Execute runs the program on buffers of the caching backend.
func (k shared) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	own := make([]compute.Buffer, len(inputs))
	for i, in := range inputs {
		own[i] = in
		if b, ok := in.(buffer); ok {
			own[i] = b.Buffer
		}
	}
	out, err := k.Executable.Execute(own, donate, device)
	for i := range out {
		out[i] = buffer{out[i], k.backend}
	}
	return out, err
}

// buffer is one of the backend's own, which GoMLX must take for one of the caching backend.
type buffer struct {
	compute.Buffer
	backend *caching
}

// Backend is the caching one.
func (b buffer) Backend() compute.Backend { return b.backend }

// CopyToDevice copies the buffer to a device.
func (b buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	return b.backend.own(b.Buffer.CopyToDevice(device))
}

func (r *caching) own(b compute.Buffer, err error) (compute.Buffer, error) {
	if err != nil {
		return nil, err
	}
	return buffer{b, r}, nil
}

// BufferFromFlatData puts values on a device.
func (r *caching) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	return r.own(r.Backend.BufferFromFlatData(device, flat, shape))
}

// NewSharedBuffer makes a buffer that the host can write.
func (r *caching) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	b, flat, err := r.Backend.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, nil, err
	}
	return buffer{b, r}, flat, nil
}
