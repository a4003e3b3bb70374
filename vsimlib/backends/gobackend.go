// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"slices"
	"strings"

	"github.com/gomlx/compute"
)

// OpenGo opens the pure Go backend, as Open does where there is no other; for tests and examples that want it by name.
func OpenGo() (compute.Backend, error) { return newBackend(Go) }

// oneOperationAtATime adds ops_sequential to a configuration of the Go backend that does not choose between sequential and
// parallel operations. By default that backend runs operations side by side in a pool of workers, and a product waits in
// its worker for further workers; where products hold all workers, they wait for each other for ever (gomlx/compute v0.1.3,
// internal/gobackend/workerspool, Pool.Saturate). Within an operation the work is spread over the cores in either case.
func oneOperationAtATime(config string) string {
	name, options, _ := strings.Cut(config, ":")
	if name != Go {
		return config
	}
	list := strings.Split(options, ",")
	if slices.Contains(list, "ops_sequential") || slices.Contains(list, "ops_parallel") {
		return config
	}
	return Go + ":" + strings.TrimPrefix(options+",ops_sequential", ",")
}
