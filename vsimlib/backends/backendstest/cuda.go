// SPDX-License-Identifier: Apache-2.0

package backendstest

import "github.com/gomlx/compute"

// AsCUDA returns a backend that says that it is CUDA's and computes on b: programs are built on it as for a GPU.
func AsCUDA(b compute.Backend) compute.Backend { return cuda{b} }

type cuda struct{ compute.Backend }

// PluginName is what backends.Kind asks for.
func (cuda) PluginName() string { return "cuda" }
