// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"

	"vsim/docker/gpu-aot/card"
	"vsim/docker/gpu-aot/hlo"
	"vsim/docker/gpu-aot/pjrt"
)

// Result is one program compiled for one card.
type Result struct {
	Program string `json:"program"` // case/arithmetic/number, as pretrain/bfloat16/0
	Target  string `json:"target"`
	Devices int    `json:"devices"`
	Failure string `json:"failure,omitempty"` // why it does not compile
	pjrt.Plan
	LiveAtPeak map[string]int64   `json:"live_at_peak,omitempty"` // of the temporaries, bytes by type of element
	Kernels    int                `json:"kernels"`
	Moved      int64              `json:"bytes_moved"`
	FLOPs      map[string]float64 `json:"flops,omitempty"` // of products of matrices, by type
	Aliases    Aliases            `json:"aliases"`
	Roofline   Roofline           `json:"roofline"`
}

// Aliases are the results that take the memory of arguments.
type Aliases struct {
	Asked     int   `json:"asked"`
	Made      int   `json:"made"`
	Unaliased int64 `json:"unaliased_bytes"` // of the other results
}

// Roofline is the least time that a run can take on the card, in milliseconds.
type Roofline struct {
	Memory   float64 `json:"memory_ms"`   // moving the bytes, at the card's bandwidth
	Products float64 `json:"products_ms"` // multiplying, at the card's peak for each type
	Total    float64 `json:"total_ms"`    // the longer of both, kernel by kernel
}

// measure reads what the compiler made of a program.
func measure(name, target string, p pjrt.Program, c pjrt.Compiled) (Result, error) {
	r := Result{Program: name, Target: target, Failure: c.Failure, Plan: c.Plan}
	r.Aliases.Asked = p.AliasesAsked()
	var err error
	if r.Devices, err = p.Devices(); err != nil || c.Failure != "" {
		return r, err
	}
	m, err := hlo.Parse(c.HLO)
	if err != nil {
		return r, err
	}
	kernels, err := m.Kernels()
	if err != nil {
		return r, err
	}
	r.Kernels, r.LiveAtPeak, r.FLOPs = len(kernels), m.LiveAtPeak(), map[string]float64{}
	r.Aliases.Made = len(m.Aliases)
	if r.Aliases.Unaliased, err = m.Unaliased(); err != nil {
		return r, err
	}
	peaks := card.Cards[target].Peaks
	for _, k := range kernels {
		products := 0.0
		for _, d := range k.Dots {
			r.FLOPs[d.Arithmetic] += d.FLOPs
			products += d.FLOPs / peak(peaks, d.Arithmetic)
		}
		memory := float64(k.Bytes) / peaks.Bandwidth
		r.Moved += k.Bytes
		r.Roofline.Memory += 1e3 * memory
		r.Roofline.Products += 1e3 * products
		r.Roofline.Total += 1e3 * max(memory, products)
	}
	r.Roofline = Roofline{rounded(r.Roofline.Memory), rounded(r.Roofline.Products), rounded(r.Roofline.Total)}
	return r, nil
}

// peak is the FLOPs a second of a type; types that no card here is fast at count as float32.
func peak(p card.Peaks, arithmetic string) float64 {
	switch arithmetic {
	case hlo.InBFloat16, hlo.InFloat16:
		return p.BFloat16
	case hlo.InTF32:
		return p.TF32
	}
	return p.Float32
}

// rounded keeps four digits.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(x)))
	return math.Round(x*scale) / scale
}

// wideShare is the share of the arithmetic with factors of more than 16 bits.
func (r Result) wideShare() float64 {
	all, narrow := 0.0, r.FLOPs[hlo.InBFloat16]+r.FLOPs[hlo.InFloat16]
	for _, flops := range r.FLOPs {
		all += flops
	}
	if all == 0 {
		return 0
	}
	return (all - narrow) / all
}
