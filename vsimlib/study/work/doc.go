// SPDX-License-Identifier: Apache-2.0

// Package work runs the tasks of a study's grid: in this process (Local), or on a cluster, one job a task (Slurm). Any number of
// processes may work on one grid (Worker.Run): a task is run under its directory's lock, and a process that comes second finds it
// done. A process that is killed loses no more than the steps since its last checkpoint.
package work
