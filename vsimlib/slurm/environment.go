// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"slices"
	"strings"
)

// Variables that Slurm's commands read as options, or that a job finds about itself. Those of this process say nothing of the jobs
// to come: sbatch takes SBATCH_* before the #SBATCH lines of a script and hands SLURM_* on to its job, so that a study started from
// a shell inside a job would bind all its tasks to that job's cores; squeue would hide jobs.
var ownPrefixes = []string{"SLURM_", "SLURMD_", "SBATCH_", "SQUEUE_", "SCONTROL_"}

// passedOn are of these the ones that say where the cluster is, and who asks.
var passedOn = []string{"SLURM_CONF", "SLURM_JWT"}

// environment is what Slurm's commands, and so the jobs, get of the variables of this process.
func environment(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		own := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
		return slices.ContainsFunc(ownPrefixes, own) && !slices.Contains(passedOn, name)
	})
}
