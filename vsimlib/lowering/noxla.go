// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !((linux && (amd64 || arm64)) || (darwin && arm64))

package lowering

import "github.com/gomlx/compute"

// unplugged is an error: this build has no XLA.
func unplugged() (compute.Backend, error) { return nil, ErrNoXLA }
