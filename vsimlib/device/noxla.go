// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import "github.com/gomlx/compute"

// haveXLA says whether this build can load XLA plugins at all.
const haveXLA = false

func disableAutoInstall() {}

func usesTF32(compute.Backend) bool { return false }
