// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/runs"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/text"
)

const runsRmLong = `Remove runs, and only what vsim wrote of them: files of your own stay, with their directory. It asks nothing.

A run whose model another run started from, and a run of a study's task, are needed: nothing is removed then, and who needs it is
named. --force removes them all the same; a study then trains the task again. What needs a run is looked for below data/runs,
next to the run, and below the directories of --among. A run that a process has is refused, with --force too.`

func newRunsRm(a *cli.App) *cobra.Command {
	var force, dry bool
	var among []string
	cmd := &cobra.Command{
		Use: "rm RUN...", Short: "Remove runs that no other needs", Long: runsRmLong,
		Example: `  vsim runs rm --dry-run data/runs/other
  vsim runs rm data/runs/other data/runs/other-finetuned`,
		Args: cli.Operands("RUN"),
	}
	cmd.Flags().BoolVar(&force, "force", false, "remove runs that others need too")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	cmd.Flags().StringSliceVar(&among, "among", nil, "also look below `DIR` for what needs the runs")
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, dirs []string) error {
		p, err := runs.Plan(ctx, dirs, append(around(dirs), among...))
		if err == nil && len(p.Needs) > 0 && !force {
			err = fmt.Errorf("%s; nothing was removed: --force removes it all the same", needed(p.Needs))
		}
		if err == nil && !dry {
			err = p.Do(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Verb(), err)
		}
		result := struct {
			runs.Removal
			DryRun bool `json:"dry_run"`
		}{p, dry}
		return a.Result(result, func(w io.Writer) { printRemoved(w, p, dry) })
	})
	return cmd
}

// needed says who needs runs, the first few.
func needed(needs []runs.Need) string {
	const most = 3
	var parts []string
	for i, n := range needs[:min(most, len(needs))] {
		if i > 0 && n.Dir == needs[i-1].Dir {
			parts = append(parts, n.By+" "+n.Why)
		} else {
			parts = append(parts, n.Error())
		}
	}
	if more := len(needs) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// around are the folders in which others may need runs: data/runs, and those that the runs, or the tasks that they belong to, are
// in.
func around(dirs []string) (list []string) {
	if jsonfile.Exists(defaultRuns) {
		list = append(list, defaultRuns)
	}
	for _, dir := range dirs {
		folder := filepath.Dir(filepath.Clean(dir))
		if _, ok := task.ReadStored(folder); ok {
			folder = filepath.Dir(folder)
		}
		if inside, err := filepath.Rel(defaultRuns, folder); len(list) > 0 && err == nil && filepath.IsLocal(inside) {
			continue
		}
		list = append(list, folder)
	}
	return list
}

func printRemoved(w io.Writer, p runs.Removal, dry bool) {
	verb := "removed"
	if dry {
		verb = "would remove"
	}
	for _, r := range p.Runs {
		fmt.Fprintf(w, "%s %s (%s)\n", verb, r.Dir, text.Bytes(r.Bytes))
		if len(r.Left) > 0 {
			fmt.Fprintf(w, "  left in it, for vsim did not write it: %s\n", text.OneLine(strings.Join(r.Left, ", ")))
		}
	}
	for _, n := range p.Needs {
		fmt.Fprintf(w, "  %s %s\n", n.By, n.Why)
	}
}
