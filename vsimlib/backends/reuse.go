// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"crypto/sha256"
	"reflect"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/go-xla/stablehlo"
)

// Reuse returns the backend with a memory for what it compiles: a program of the same text is compiled once and kept while it is used, and
// so are the ones that were used last. Trainings that differ in seed, data, rates or length alone have the same programs, so that of many
// in one process only the first compiles. Where the text of a program cannot be had (the Go backend compiles at once anyway), nothing is kept.
func Reuse(backend compute.Backend) compute.Backend {
	return &reusing{Backend: backend, programs: map[programKey]*program{}, idle: idlePrograms}
}

// idlePrograms is how many programs that nobody uses are kept. XLA:CPU takes several hundred memory mappings for each, of which Linux
// gives a process 65,530; without any left nothing compiles any more.
const idlePrograms = 40

type reusing struct {
	compute.Backend
	idle int

	mu       sync.Mutex
	programs map[programKey]*program
	released int // how often a program was
}

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
func (r *reusing) use(key programKey) *program {
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

// release counts a user less and frees the programs that were idle longest, where there are more than are kept. One that did not
// compile is forgotten, for it may the next time.
func (r *reusing) release(key programKey, p *program) {
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
func (r *reusing) Builder(name string) compute.Builder {
	return &reusingBuilder{Builder: r.Backend.Builder(name), backend: r}
}

type reusingBuilder struct {
	compute.Builder
	backend *reusing
	placed  bool // on several devices, or on certain ones: the text does not tell which
}

func (b *reusingBuilder) DistributedSPMD(devices int) error {
	b.placed = true
	return b.Builder.DistributedSPMD(devices)
}

func (b *reusingBuilder) DistributedAutoSharding(meshes ...compute.Mesh) error {
	b.placed = true
	return b.Builder.DistributedAutoSharding(meshes...)
}

func (b *reusingBuilder) DeviceAssignment(devices ...compute.DeviceNum) error {
	b.placed = true
	return b.Builder.DeviceAssignment(devices...)
}

// Compile returns a program of the same text, or compiles this one.
func (b *reusingBuilder) Compile() (compute.Executable, error) {
	key, ok := b.key()
	if !ok {
		exec, err := b.Builder.Compile()
		if err != nil {
			return nil, err
		}
		return kept{exec, b.backend, exec.Finalize}, nil
	}
	p := b.backend.use(key)
	p.once.Do(func() { p.exec, p.err = b.Builder.Compile() })
	release := sync.OnceFunc(func() { b.backend.release(key, p) })
	if p.err != nil {
		release()
		return nil, p.err
	}
	return kept{p.exec, b.backend, release}, nil
}

// kept is a program that several may use: the last of them does not end it.
type kept struct {
	compute.Executable
	backend *reusing
	release func()
}

// Finalize gives the program back.
func (k kept) Finalize() { k.release() }

// Execute runs the program on buffers of the reusing backend.
func (k kept) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
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

// buffer is one of the backend's own, which GoMLX must take for one of the reusing backend.
type buffer struct {
	compute.Buffer
	backend *reusing
}

// Backend is the reusing one.
func (b buffer) Backend() compute.Backend { return b.backend }

// CopyToDevice copies the buffer to a device.
func (b buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	return b.backend.own(b.Buffer.CopyToDevice(device))
}

func (r *reusing) own(b compute.Buffer, err error) (compute.Buffer, error) {
	if err != nil {
		return nil, err
	}
	return buffer{b, r}, nil
}

// BufferFromFlatData puts values on a device.
func (r *reusing) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	return r.own(r.Backend.BufferFromFlatData(device, flat, shape))
}

// NewSharedBuffer makes a buffer that the host can write.
func (r *reusing) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	b, flat, err := r.Backend.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, nil, err
	}
	return buffer{b, r}, flat, nil
}

// key is a hash of the program's text, without the name that GoMLX numbers.
func (b *reusingBuilder) key() (key programKey, ok bool) {
	text, err := b.text()
	if b.placed || err != nil || text == nil {
		return key, false
	}
	return sha256.Sum256(bytes.TrimPrefix(text, []byte("module @"+stablehlo.NormalizeIdentifier(b.Name())))), true
}

// text is the StableHLO of the program, which go-xla's builder does not give away; nil where there is none.
func (b *reusingBuilder) text() ([]byte, error) {
	v := reflect.ValueOf(b.Builder)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, nil
	}
	field := v.Elem().FieldByName("builder")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*stablehlo.Builder]() || field.IsNil() {
		return nil, nil
	}
	return (*stablehlo.Builder)(field.UnsafePointer()).Build()
}
