// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"vsim/vsimlib/provenance"
)

// Label is the backend in two words, such as "xla cpu", "xla cuda" or "go".
func (i Info) Label() string {
	if i.Backend == Go {
		return Go
	}
	return i.Backend + " " + i.Kind
}

// Name is what computes, for people and for tables of results: a GPU's model, or the processor's with the number of CPUs that this
// process may use.
func Name(i Info, backend compute.Backend) string {
	switch i.Kind {
	case CUDA:
		if name := GPUMemory().Name; name != "" {
			return name
		}
	case CPU, Go:
		return fmt.Sprintf("%s, %d CPUs", provenance.Processor(), runtime.NumCPU())
	}
	return backend.DeviceDescription(0)
}

// Kind is the kind of device that a backend computes on, as Open tells it in Info.Kind.
func Kind(backend compute.Backend) string {
	if named, ok := inner(backend).(interface{ PluginName() string }); ok {
		return kindOf(named.PluginName())
	}
	return Go
}

// GPU is the first visible NVIDIA device; its fields are empty where nvidia-smi does not tell them.
type GPU struct {
	Name        string
	Total, Used int64 // bytes
}

// GPUMemory asks nvidia-smi for the device that this process uses.
func GPUMemory() GPU {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	args := []string{"--query-gpu=name,memory.total,memory.used", "--format=csv,noheader,nounits"}
	if visible := os.Getenv("CUDA_VISIBLE_DEVICES"); visible != "" {
		first, _, _ := strings.Cut(visible, ",")
		args = append(args, "--id="+first)
	}
	out, err := exec.CommandContext(ctx, "nvidia-smi", args...).Output()
	if err != nil {
		return GPU{}
	}
	return parseGPU(string(out))
}

// parseGPU reads the first line of nvidia-smi's "NVIDIA H100 80GB HBM3, 81559, 1234": name, MiB in all, MiB used.
func parseGPU(out string) GPU {
	line, _, _ := strings.Cut(out, "\n")
	fields := strings.Split(line, ",")
	if len(fields) != 3 {
		return GPU{}
	}
	mib := func(s string) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64>>20 {
			return 0
		}
		return n << 20
	}
	return GPU{Name: strings.TrimSpace(fields[0]), Total: mib(fields[1]), Used: mib(fields[2])}
}
