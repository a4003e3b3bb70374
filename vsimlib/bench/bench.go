// SPDX-License-Identifier: Apache-2.0

// Package bench times the pretraining step on generated videos and computes what follows: videos and model FLOPs per second, the
// share of the device's peak, and the ratio to another program that trains the same.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
)

// Options of a measurement.
type Options struct {
	Backend compute.Backend
	Device  backends.Info
	Recipe  recipe.Recipe // before Resolve; sizes that are 0 become the competition's
	Steps   int           // timed steps, in each round
	Lengths string        // Full or Competition
	Against string        // shell command of a peer, which prints a JSON line with videos_per_s; empty: none
	Rounds  int           // with a peer: alternating rounds
	Devices int           // divide each batch among this many devices; 0: one
	Report  func(string)  // called with what is being done; may be nil
	Warn    func(string)  // called with one-line warnings; may be nil

	skipPeak bool
	peakSize int // of the matrices that measure the host's peak; 0: as large as the peak needs
}

// withDefaults sets the functions that are nil.
func (o Options) withDefaults() Options {
	if o.Report == nil {
		o.Report = func(string) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return o
}

// peak is the peak of the device of this name, 0 where it is not wanted; see devicePeak.
func (o Options) peak(name string) (flops float64, source string, err error) {
	if o.skipPeak {
		return 0, "", nil
	}
	o.Report("measuring the device's peak")
	dtype := dtypes.Float32
	if o.Recipe.Model.ComputeDType == recipe.BFloat16 {
		dtype = dtypes.BFloat16
	}
	return devicePeak(o.Backend, o.Device.Kind, name, o.peakSize, dtype)
}

// Run measures the step of a recipe. An invalid recipe, or a peer that fails, is an error.
func Run(ctx context.Context, o Options) (Result, error) {
	m, err := newMeasurement(o)
	if err != nil {
		return Result{}, err
	}
	if err := m.prepare(ctx); err != nil {
		return Result{}, err
	}
	defer m.step.Close()
	if err := m.rounds(ctx); err != nil {
		return Result{}, err
	}
	return m.result()
}

// competitionSizes are the sizes of m, and the competition's where m has 0.
func competitionSizes(m recipe.Model) recipe.Sizes {
	s := recipe.CompetitionSizes
	if m.VocabSize != 0 {
		s.VocabSize = m.VocabSize
	}
	if m.FrameDim != 0 {
		s.FrameDim = m.FrameDim
	}
	if m.NumTags != 0 {
		s.NumTags = m.NumTags
	}
	return s
}

// measurement is the state of a measurement.
type measurement struct {
	Options
	resetMemory bool
	source      *source
	memory      memplan.Plan
	optim       optim.Config
	step        *step.Step
	next        int // step
	compile     time.Duration
	times       []float64 // seconds per step
	padded      []float64 // FLOPs of the timed batches
	real        []float64
	cpu         float64   // processor seconds of the timed steps
	peer        []float64 // videos/s, one per round
}

// newMeasurement resolves the recipe.
func newMeasurement(o Options) (*measurement, error) {
	o = o.withDefaults()
	r := o.Recipe.Clone()
	if err := r.Resolve(competitionSizes(r.Model)); err != nil {
		return nil, err
	}
	o.Recipe = r
	return &measurement{Options: o, resetMemory: resetPeak()}, nil
}

// warmup is the number of untimed steps after the one that compiles.
const warmup = 1

// prepare generates the videos and compiles the step.
func (m *measurement) prepare(ctx context.Context) (err error) {
	m.Report("generating videos and weights")
	if m.source, err = newSource(m.Recipe, m.Devices, m.Lengths); err != nil {
		return err
	}
	if err := m.newStep(); err != nil {
		return err
	}
	m.Report("compiling the training step")
	for i := range 1 + warmup {
		if err = ctx.Err(); err != nil {
			break
		}
		var b prepared
		if b, err = m.build(m.next); err != nil {
			break
		}
		began := time.Now()
		made, failed := m.step.Advance(b.Batch)
		if err = m.finish(b, made, failed); err != nil {
			break
		}
		if i == 0 {
			m.compile = time.Since(began)
		}
	}
	if err != nil {
		m.step.Close()
	}
	return err
}

// schedule is the length of the schedule of the learning rate, of which the timed steps are the beginning.
const schedule = 1000

// newStep draws fresh weights, moves them to the devices and prepares the step of pretraining.
func (m *measurement) newStep() error {
	on, err := m.plan()
	if err != nil {
		return err
	}
	warnings, err := m.memory.Check()
	if err != nil {
		return err
	}
	store, err := m.newStore()
	if err != nil {
		return err
	}
	if err := on.Hold(store); err != nil {
		return err
	}
	m.memory.Fresh = false
	for _, w := range warnings {
		m.Warn(w)
	}
	return m.stepOn(on, store)
}

// plan returns the devices and plans the memory of a step on them. It is an error if they cannot share a batch, or if the host has
// no memory for the weights.
func (m *measurement) plan() (on step.Devices, err error) {
	p := m.Recipe.Pretrain
	if err := step.CheckSplit("pretrain", p.Batch, p.Batch, p.Accumulate, m.Devices); err != nil {
		return on, err
	}
	if on, err = step.NewDevices(m.Backend, m.Devices); err != nil {
		return on, err
	}
	if err := memplan.CheckWeights(m.Recipe.Model); err != nil {
		return on, fmt.Errorf("bench: %w", err)
	}
	m.memory = memplan.Plan{Stage: memplan.Pretrain, Recipe: m.Recipe, Devices: m.Devices, Kind: backends.Kind(m.Backend), Fresh: true}
	return on, nil
}

// newStore draws fresh weights on the host.
func (m *measurement) newStore() (*model.Store, error) {
	return multimodal.NewStore(step.ModelOn(m.Recipe.Model, m.Devices), m.Recipe.Pretrain.Seed)
}

// stepOn prepares the step of pretraining on weights.
func (m *measurement) stepOn(on step.Devices, store *model.Store) (err error) {
	m.optim = step.PretrainOptim(m.Recipe, recipe.Schedule{Steps: schedule, Warmup: int(m.Recipe.Pretrain.WarmupRatio * schedule)})
	m.step, err = step.New(step.PretrainConfig(m.Recipe, on, store))
	return err
}

// finish takes note of a step, of which err is the error, and releases the memory of its batch.
func (m *measurement) finish(b prepared, made step.Outcome, err error) error {
	if err == nil && !made.Finite() {
		err = fmt.Errorf("losses %v or gradients: %w", made.Losses, step.ErrNotFinite)
	}
	if err == nil {
		err = b.Free()
	}
	if err != nil {
		return fmt.Errorf("bench: step %d: %w", m.next+1, m.memory.Explain(err))
	}
	m.next++
	return nil
}

// rounds times the steps in alternation with the peer; while one of them runs, the other is idle.
func (m *measurement) rounds(ctx context.Context) error {
	rounds := 1
	if m.Against != "" {
		rounds = m.Rounds
	}
	for round := range rounds {
		m.Report(fmt.Sprintf("timing %d steps, round %d of %d", m.Steps, round+1, rounds))
		if err := m.round(ctx); err != nil {
			return err
		}
		if m.Against == "" {
			continue
		}
		m.Report(fmt.Sprintf("running the peer, round %d of %d", round+1, rounds))
		speed, err := runPeer(ctx, m.Against)
		if err != nil {
			return err
		}
		m.peer = append(m.peer, speed)
	}
	return nil
}

// prepared is a batch on the devices, with the FLOPs of a step on it.
type prepared struct {
	step.Batch
	padded, real float64
}

// build builds the batch of step n and uploads it.
func (m *measurement) build(n int) (prepared, error) {
	parts, err := m.source.parts(n)
	if err != nil {
		return prepared{}, err
	}
	p := prepared{}
	for _, part := range parts { // counted while it is on the host
		work, err := RealWork(part)
		if err != nil {
			return prepared{}, err
		}
		p.padded += StepFLOPs(m.Recipe, PaddedWork(part))
		p.real += StepFLOPs(m.Recipe, work)
	}
	if p.Batch, err = step.NewPretrainBatch(m.Recipe.Pretrain, parts); err != nil {
		return prepared{}, err
	}
	p.Batch = p.At(n, m.optim.Rates(n, n+1))
	return p, m.step.Upload(p.Batch)
}

// round times m.Steps steps. As in training, batches are built and uploaded in the background, and waiting for one counts; on a GPU
// the next step is sent while one runs, and the time of a step is that between two outcomes.
func (m *measurement) round(ctx context.Context) error {
	since, cpu := time.Time{}, 0.
	batches := func(yield func(prepared, error) bool) {
		for b, err := range batch.Prefetch(ctx, m.next, m.next+m.Steps, batch.Ahead, m.build) {
			if since.IsZero() {
				since, cpu = time.Now(), processorTime()
			}
			if !yield(b, err) {
				return
			}
		}
	}
	for made, err := range step.Sequence(m.step, batches, func(int) bool { return false }) {
		if err != nil && !made.Sent {
			return err
		}
		if err := m.finish(made.Batch, made.Outcome, err); err != nil {
			return err
		}
		now := time.Now()
		m.times = append(m.times, now.Sub(since).Seconds())
		m.padded, m.real = append(m.padded, made.Batch.padded), append(m.real, made.Batch.real)
		since = now
	}
	m.cpu += processorTime() - cpu
	return ctx.Err()
}

// sentAhead is how many steps in a row the best time is a mean of where steps are sent ahead: where the host takes note of an
// outcome late, the next one seems to take no time.
const sentAhead = 5

// best is the time of the best step.
func (m *measurement) best() float64 {
	if !m.step.Ahead() {
		return slices.Min(m.times)
	}
	best := math.Inf(1)
	for round := range slices.Chunk(m.times, m.Steps) {
		best = min(best, slices.Min(means(round, sentAhead)))
	}
	return best
}

// machine is what the batches are computed on.
func (m *measurement) machine() Machine {
	return Machine{Device: backends.Name(m.Device, m.Backend), Backend: m.Device.Label(), TF32: m.Device.TF32,
		Devices: max(1, m.Devices), Batch: m.Recipe.Pretrain.Batch}
}

// planned is the memory of the step alone: as estimated, and by the compiler's own plan, 0 where it makes none.
func (m *measurement) planned() (estimate, compiler int64) {
	if plan, ok := m.step.Planned(); ok {
		compiler = plan.Total()
	}
	return memplan.ProgramOf(m.memory), compiler
}

// result computes the figures, and last measures the peak, which takes memory of its own.
func (m *measurement) result() (Result, error) {
	if len(m.times) == 0 {
		return Result{}, errors.New("bench: no step was timed")
	}
	size := float64(m.Recipe.Pretrain.Batch)
	best, median := m.best(), medianOf(m.times)
	r := Result{
		StepS: best, StepMedianS: median, CPUS: m.cpu / float64(len(m.times)), VideosPerS: size / best, VideosPerSMedian: size / median,
		FLOPs: medianOf(m.padded), FLOPsReal: mean(m.real), CompileS: max(0, m.compile.Seconds()-best),
		Machine: m.machine(), Lengths: m.Lengths, Steps: len(m.times), Shape: shapeOf(m.Recipe),
	}
	r.TFLOPS, r.TFLOPSReal = r.FLOPs/best/1e12, r.FLOPsReal/best/1e12
	r.MemoryPeak, r.MemorySource = memoryPeak(m.Device, m.resetMemory)
	r.MemoryEstimate, r.MemoryCompiler = m.planned()
	peak, source, err := m.peak(r.Device)
	if err != nil {
		return Result{}, err
	}
	if peak > 0 {
		r.PeakTFLOPS, r.PeakSource, r.MFU = peak/1e12, source, r.FLOPs/best/peak
	}
	if m.Against != "" {
		r.Comparison = compare(r.VideosPerS, r.VideosPerSMedian, m.peer)
	}
	return r, nil
}
