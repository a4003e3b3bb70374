// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/lock"
)

// Names of an array's files.
const (
	arrayFile  = "array.json"
	tasksFile  = "tasks.txt"
	scriptFile = "script.sh"
)

func (w *Work) folder(a *array) string { return filepath.Join(w.Dir, a.ID) }

// submit sees to it that every task that is not done is in the queue, and returns where. Tasks in given are left out, and those
// behind them. Of several callers one submits, and the others find what it did.
func (w *Work) submit(ctx context.Context, given map[string]bool) (map[string]element, error) {
	unlock, err := lock.Wait(ctx, filepath.Join(w.Dir, ".lock"), nil)
	if err != nil {
		return nil, err
	}
	defer unlock()
	q, err := ask(ctx)
	if err != nil {
		return nil, err
	}
	queued, err := w.recall(q)
	if err != nil {
		return nil, err
	}
	var missing []Task
	for _, t := range w.Tasks {
		_, is := queued[t.Key]
		if !is && !given[t.Key] && !w.Done(t.Key) {
			missing = append(missing, t)
		}
	}
	size := arraySize
	if len(missing) > 0 {
		if size, err = askLimit(ctx); err != nil {
			return nil, err
		}
	}
	for _, a := range arrange(missing, queued, size) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := w.send(ctx, a); err != nil {
			if len(queued) > 0 {
				err = fmt.Errorf("%w; what is in the queue goes on, and the same command submits the rest later", err)
			}
			return nil, err
		}
		for key, i := range a.Index {
			queued[key] = element{a, i}
		}
	}
	return queued, nil
}

// askLimit asks how large an array may be. A controller that does not say so has the usual limit.
func askLimit(ctx context.Context) (int, error) {
	config, err := tool(ctx, "scontrol", "show", "config")
	if err != nil {
		return arraySize, ctx.Err()
	}
	size := arrayLimit(config)
	if size == 0 {
		return 0, errors.New("this cluster allows no job arrays (MaxArraySize is 0 in its slurm.conf), and a study needs them")
	}
	return size, nil
}

// recall reads what was submitted before, by whatever study, and returns the array elements of the tasks that wait or run. An array
// of this work of which nothing does is removed, its logs too.
func (w *Work) recall(q *queue) (map[string]element, error) {
	queued := map[string]element{}
	mine := map[string]bool{}
	for _, t := range w.Tasks {
		mine[t.Key] = true
	}
	files, err := filepath.Glob(filepath.Join(w.Dir, "*", arrayFile))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		data, err := filetype.ReadFile(file)
		if err != nil {
			return nil, err
		}
		a, ok := parseArray(data, filepath.Base(filepath.Dir(file)))
		if !ok {
			return nil, fmt.Errorf("%s: is no array of tasks; remove its folder", file)
		}
		if a.Job == "" { // sbatch was called, or was to be, and its answer was lost
			a.Job = q.jobs[comment(a.ID)]
		}
		keep := false
		for key, i := range a.Index {
			live, _ := q.find(element{a, i})
			if live {
				queued[key] = element{a, i}
			}
			keep = keep || live || !mine[key]
		}
		if !keep {
			if err := os.RemoveAll(filepath.Dir(file)); err != nil {
				return nil, err
			}
		}
	}
	return queued, nil
}

// send submits an array. Its id is on the disk before Slurm has it, so it is found again whenever this process ends.
func (w *Work) send(ctx context.Context, a *array) error {
	a.ID = strings.ToLower(rand.Text()[:10])
	folder := w.folder(a)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	var list strings.Builder
	for _, key := range a.keys() {
		fmt.Fprintf(&list, "%d %s\n", a.Index[key], key)
	}
	script := filepath.Join(folder, scriptFile)
	for file, text := range map[string]string{
		filepath.Join(folder, tasksFile): list.String(),
		script:                           a.script(w.Name, folder, w.Command, w.Options),
	} {
		if err := atomicfile.WriteData(file, []byte(text)); err != nil {
			return err
		}
	}
	if err := jsonfile.Write(filepath.Join(folder, arrayFile), a); err != nil {
		return err
	}
	// A signal does not cut sbatch off: what it has sent is then on record.
	out, err := tool(context.WithoutCancel(ctx), "sbatch", "--parsable", script)
	if err != nil {
		_ = os.RemoveAll(folder)
		return err
	}
	if a.Job = jobID(out); a.Job == "" { // it may be in the queue all the same
		if q, err := ask(context.WithoutCancel(ctx)); err == nil {
			a.Job = q.jobs[comment(a.ID)]
		}
	}
	if a.Job == "" {
		return fmt.Errorf("sbatch: no job id in its answer %.300q", out)
	}
	return jsonfile.Write(filepath.Join(folder, arrayFile), a)
}

// parseArray reads the record of an array that was submitted; ok is false where it is not of that id.
func parseArray(data []byte, id string) (a *array, ok bool) {
	a = &array{}
	err := json.Unmarshal(data, a)
	return a, err == nil && a.ID == id
}
