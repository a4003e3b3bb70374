// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs"
	"vsim/vsimlib/tensorboard"
	"vsim/vsimlib/text"
)

const runsExportLong = `Write the logs of runs as event files, which TensorBoard shows: a folder below that of --tensorboard
for each run, with the scalars of metrics.jsonl under their names and steps. A RUN may be a directory with runs below it.
Values become float32. The log has no times: events are spread evenly over the seconds of the run.

A file that exists is the same or refused; --force overwrites it, such as that of a run that has gone on since.`

// exported is one run's event file.
type exported struct {
	Dir     string   `json:"dir"`
	File    string   `json:"file"`
	Steps   int      `json:"steps"`
	Scalars []string `json:"scalars"`
}

func newRunsExport(a *cli.App) *cobra.Command {
	var out string
	var force bool
	cmd := &cobra.Command{
		Use: "export --tensorboard DIR RUN...", Short: "Write event files for TensorBoard", Long: runsExportLong,
		Example: `  vsim runs export --tensorboard data/tensorboard data/runs/pretrain data/runs/other
  tensorboard --logdir data/tensorboard`,
		Args: cli.Operands("RUN"),
	}
	cmd.Flags().StringVar(&out, "tensorboard", "", "write the event files into `DIR`")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite event files of earlier exports")
	cli.Require(cmd, "tensorboard")
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, operands []string) error {
		list, err := trainings(ctx, a, operands)
		if err != nil {
			return err
		}
		result := struct {
			Dir  string     `json:"tensorboard"`
			Runs []exported `json:"runs"`
		}{out, []exported{}}
		for i, name := range names(list) {
			if err := ctx.Err(); err != nil {
				return err
			}
			one, err := export(a, list[i], filepath.Join(out, name), force)
			if err != nil {
				return err
			}
			if one.Steps > 0 {
				result.Runs = append(result.Runs, one)
			}
		}
		if len(result.Runs) == 0 {
			return fmt.Errorf("%s: no step is logged yet", a.Verb())
		}
		return a.Result(result, func(w io.Writer) {
			for _, one := range result.Runs {
				fmt.Fprintf(w, "%s: %s, step %d: %s\n", one.Dir, text.Count(len(one.Scalars), "scalar"), one.Steps, one.File)
			}
		})
	})
	return cmd
}

// trainings lists the runs in and below directories, each once.
func trainings(ctx context.Context, a *cli.App, dirs []string) (list []runs.Run, err error) {
	for _, dir := range dirs {
		l, err := runs.Scan(ctx, dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Verb(), err)
		}
		if len(l.Runs) == 0 {
			return nil, fmt.Errorf("%s: %s: has no run that can be read", a.Verb(), dir)
		}
		for _, line := range l.Notes() {
			a.Warn(line)
		}
		for _, r := range l.Runs {
			if !slices.ContainsFunc(list, func(other runs.Run) bool { return other.Dir == r.Dir }) {
				list = append(list, r)
			}
		}
	}
	return list, nil
}

// names are the paths of runs below the folder that all are in, and of a single run its last element.
func names(list []runs.Run) []string {
	var all [][]string
	for _, r := range list {
		dir, err := filepath.Abs(r.Dir)
		if err != nil {
			dir = r.Dir
		}
		all = append(all, strings.Split(dir, string(filepath.Separator)))
	}
	common := len(all[0]) - 1
	for _, path := range all[1:] {
		n := 0
		for n < min(common, len(path)-1) && path[n] == all[0][n] {
			n++
		}
		common = n
	}
	var result []string
	for _, path := range all {
		result = append(result, filepath.Join(path[common:]...))
	}
	return result
}

// export writes the event file of a run into a folder. A run without a logged step is passed over with a warning.
func export(a *cli.App, r runs.Run, folder string, force bool) (exported, error) {
	lines, err := run.ReadMetrics(run.Dir(r.Dir).Metrics())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return exported{}, fmt.Errorf("%s: %w", a.Verb(), err)
	}
	if len(lines) == 0 {
		a.Warn(fmt.Sprintf("%s: no step is logged yet; passed over", r.Dir))
		return exported{}, nil
	}
	times := tensorboard.Times{Seconds: r.Seconds}
	if start, err := time.Parse(time.RFC3339, r.Start); err == nil {
		times.Start = start
	}
	e, err := tensorboard.Encode(lines, times)
	if err != nil {
		return exported{}, fmt.Errorf("%s: %s: %w", a.Verb(), r.Dir, err)
	}
	path := filepath.Join(folder, times.FileName())
	if err := a.PrepareFile(path, tensorboard.Kind); err != nil {
		return exported{}, err
	}
	done, err := a.DoneBefore(path, force, func() error {
		was, err := filetype.ReadFile(path)
		if err == nil && string(was) != string(e.Data) {
			return fmt.Errorf("%s: has another state of the run and %w", path, embeddings.ErrDiffers)
		}
		return err
	})
	if err == nil && !done {
		err = atomicfile.WriteData(path, e.Data)
	}
	return exported{r.Dir, path, e.Steps, e.Tags}, err
}
