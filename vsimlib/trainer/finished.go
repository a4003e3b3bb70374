// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
)

// Names of files in a run directory, as its manifest has them.
var (
	resultName  = filepath.Base(run.Dir("").Result())
	metricsName = filepath.Base(run.Dir("").Metrics())
	// checkpointsName begins the names of the checkpoints' files.
	checkpointsName = filepath.Base(run.Dir("").Checkpoints()) + "/"
	startNames      = []string{filepath.Base(run.Dir("").Identity()), filepath.Base(run.Dir("").Recipe())}
)

// seal writes the manifest of a run that is done.
func seal(dir run.Dir) error {
	model, err := manifest.Names(string(dir), filepath.Base(dir.Model()))
	if err != nil {
		return err
	}
	files, err := manifest.HashAll(string(dir), slices.Concat(startNames, []string{metricsName, resultName}, model)...)
	if err != nil {
		return err
	}
	entries, _ := checkpoint.Survey(dir.Checkpoints(), false)
	for _, entry := range entries {
		path := filepath.Join(dir.Checkpoints(), entry, checkpoint.ManifestFile)
		file, err := manifest.Hash(path)
		if err != nil {
			return err
		}
		file.Loose = true
		files[checkpointsName+entry+"/"+checkpoint.ManifestFile] = file
	}
	return manifest.Write(string(dir), run.Kind, files)
}

// finished reads the result of a run that is done into result; done is false for any other run. Of a run that was done, it names
// what is missing or altered now and prepares s to make that again from the last checkpoint; where result.json holds, result is its
// content also then, and s.keep is set.
func finished(s *source, dir run.Dir, saved *states, o Options, result any) (done bool, err error) {
	m, err := manifest.Read(string(dir))
	if err != nil {
		return unsealed(s, dir, saved, o, result, err)
	}
	problems := m.Check(nil)
	if len(problems) > 0 && onlyStart(problems) {
		again, err := runid.Restore(m, s.start, s.recipe)
		if err != nil {
			return false, err
		}
		if again {
			warnAll(o, problems, "; written again")
			problems = m.Check(nil)
		}
	}
	data, err := m.ReadFile(resultName)
	if p, ok := errors.AsType[manifest.Problem](err); ok && !slices.ContainsFunc(problems, named(resultName)) {
		problems = append(problems, p)
	}
	if err == nil {
		if err := json.Unmarshal(data, result); err != nil {
			return false, fmt.Errorf("%s: %w", dir.Result(), err)
		}
	}
	needed := slices.DeleteFunc(slices.Clone(problems), ofCheckpoint)
	if len(needed) == 0 {
		return true, withoutCheckpoints(dir, saved, o, problems)
	}
	s.keep, s.mends = err == nil, true
	if i := slices.IndexFunc(needed, named(metricsName)); i >= 0 && checkpoint.Size(dir.Checkpoints()) > 0 {
		return false, fmt.Errorf("%s: %w; no checkpoint can make it again: restore the file, or train again with --force", s.stage,
			needed[i])
	}
	warnAll(o, needed, "; made again")
	return false, nil
}

func ofCheckpoint(p manifest.Problem) bool { return strings.HasPrefix(p.Name, checkpointsName) }

// withoutCheckpoints names the damaged checkpoints of a run that is done, which needs none, and removes those not to be kept.
func withoutCheckpoints(dir run.Dir, saved *states, o Options, problems []manifest.Problem) error {
	_, damaged := checkpoint.Survey(dir.Checkpoints(), false)
	for _, line := range damaged {
		o.Warn(line + "; the run is done without it")
	}
	warnAll(o, problems, "; the run is done without it")
	if saved.thin() || len(problems) > 0 {
		return seal(dir)
	}
	return nil
}

func named(name string) func(manifest.Problem) bool {
	return func(p manifest.Problem) bool { return p.Name == name }
}

// onlyStart reports whether nothing but identity.json and recipe.json is damaged.
func onlyStart(problems []manifest.Problem) bool {
	return !slices.ContainsFunc(problems, func(p manifest.Problem) bool { return !slices.Contains(startNames, p.Name) })
}

func warnAll(o Options, problems []manifest.Problem, what string) {
	for _, p := range problems {
		o.Warn(p.Error() + what)
	}
}

// unsealed takes a run with a result and without a manifest that holds as it is, if its files can be read: an older version
// finished it, or it was stopped between the two, or its manifest was altered (why). A run without a result is not done.
func unsealed(s *source, dir run.Dir, saved *states, o Options, result any, why error) (done bool, err error) {
	if !jsonfile.Exists(dir.Result()) {
		if !errors.Is(why, manifest.ErrNone) {
			o.Warn(why.Error() + "; made again")
			s.mends = true
		}
		return false, nil
	}
	err = jsonfile.Read(dir.Result(), result)
	if err == nil {
		_, err = run.ReadMetrics(dir.Metrics())
	}
	if err == nil {
		c, _, problem := multimodal.LoadFiles(dir.Model())
		if err = problem; err == nil {
			_, err = multimodal.LoadVocab(dir.Model(), c)
		}
	}
	for _, doubt := range s.prior.Doubt {
		err = errors.Join(err, doubt)
	}
	if err != nil {
		o.Warn(fmt.Sprintf("%v; made again", err))
		s.mends = true
		return false, nil
	}
	saved.thin()
	if err := seal(dir); err != nil {
		return false, err
	}
	if errors.Is(why, manifest.ErrNone) {
		why = fmt.Errorf("%w (an older vsim made it, or it was stopped at its very end)", why)
	}
	o.Warn(why.Error() + "; its files can be read and are taken as they are")
	return true, nil
}
