// SPDX-License-Identifier: Apache-2.0

// Package slurm runs a graph of tasks as Slurm job arrays. What a task does is the caller's: here it is a key, the keys that it
// needs, and a command line that runs it.
//
//	Run → submit → arrange   tasks to arrays, needs to dependencies of array elements
//	             → script    one sbatch script an array
//	    → watch              asks squeue and the caller until every task is done or has ended without being done
//
// Only the caller's Done says that a task is done; Slurm's word counts for what is not. So nothing here needs slurmdbd, and a
// job that Slurm has forgotten, or ran twice, does no harm.
//
// What was submitted is in DIR, a folder an array, written before sbatch and completed after it. A caller that calls Run again,
// while jobs wait or run or after they have ended, submits only what is neither done nor in the queue.
//
//	DIR/ID/array.json   kind, job id, and the index of each key
//	DIR/ID/tasks.txt    "INDEX KEY" a line, for the script
//	DIR/ID/script.sh    what sbatch got
//	DIR/ID/INDEX.log    what the task printed, of all its attempts
//
// # Stopped and requeued
//
// The script passes SIGTERM and SIGUSR1 (which Slurm sends before the time limit) on to the task, which saves and ends with 143.
// A job that Slurm preempts, or whose node fails, Slurm requeues. One that ended by a signal while Slurm had nothing against it,
// which is so before the time limit, requeues itself. One that somebody cancelled stays so. The next attempt is the same command,
// and goes on from the checkpoint.
package slurm
