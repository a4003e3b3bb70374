// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/backends/otherbackend"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// TestAnotherBackend: a run does not go on, and is not taken as done, on another backend, unless that is asked for; its result and
// its model card then say so.
func TestAnotherBackend(t *testing.T) {
	o := goOptions(t, "pretrain.val_videos=0")
	stopAt(t, o, 3, pretrain)
	other := o
	other.Backend = otherbackend.Other(t)
	refused := func() {
		t.Helper()
		_, err := Pretrain(context.Background(), other)
		mustFail(t, err, o.Out, "was computed with the backend go, not other", "--mix-backends", "--force")
	}
	refused()
	if err := os.Remove(run.Dir(o.Out).Identity()); err != nil { // the checkpoint says it too
		t.Fatal(err)
	}
	refused()
	other.MixBackends = true
	result, err := Pretrain(context.Background(), other)
	if err != nil {
		t.Fatal(err)
	}
	list := result.Provenance
	if len(list) != 2 || list[0].Backend != "go" || list[1].Backend != "other" || result.Mixed != "backends go, other" ||
		list[0].Arithmetic == "" || list[0].Arithmetic != list[1].Arithmetic || list[0].Seconds <= 0 || list[1].Seconds <= 0 {
		t.Errorf("%+v, mixed %q", list, result.Mixed)
	}
	card, err := os.ReadFile(filepath.Join(result.Model, run.CardFile))
	if err != nil || !strings.Contains(string(card), "The training mixed backends go, other.") {
		t.Errorf("%s, %v", card, err)
	}
	other.MixBackends = false
	refused() // though it is done
	if done, err := Pretrain(context.Background(), o); err != nil || done.Mixed != result.Mixed {
		t.Errorf("%q, %v", done.Mixed, err)
	}
}

// TestAnotherArithmetic: nor does it go on with another arithmetic.
func TestAnotherArithmetic(t *testing.T) {
	o := goOptions(t, "pretrain.val_videos=0")
	stopAt(t, o, 3, pretrain)
	dir := run.Dir(o.Out)
	data, err := os.ReadFile(dir.Identity())
	if err != nil {
		t.Fatal(err)
	}
	var id struct {
		Provenance provenance.Process
		Sum        string
	}
	if err := jsonfile.Read(dir.Identity(), &id); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), id.Provenance.Arithmetic, "0123456789abcdef", 1)
	changed = strings.Replace(changed, ",\n  \"sum\": \""+id.Sum+"\"", "", 1) // as an older version wrote it
	if err := os.WriteFile(dir.Identity(), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, "was computed with the arithmetic 0123456789abcdef, not "+id.Provenance.Arithmetic, "--mix-backends")
}

// TestSameProcessAgain: a run that continues on the same machine has one entry, with the seconds of both processes.
func TestSameProcessAgain(t *testing.T) {
	o := goOptions(t, "pretrain.val_videos=0")
	stopAt(t, o, 3, pretrain)
	found, _, err := checkpoint.Latest(run.Dir(o.Out).Checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	result, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var id struct{ Provenance provenance.Process }
	if err := jsonfile.Read(run.Dir(o.Out).Identity(), &id); err != nil {
		t.Fatal(err)
	}
	if len(result.Provenance) != 1 || result.Mixed != "" || id.Provenance.Start != result.Provenance[0].Start ||
		!strings.Contains(string(found.State), id.Provenance.Arithmetic) {
		t.Errorf("result %+v, identity %+v, checkpoint %s", result.Provenance, id.Provenance, found.State)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(string(found.State), host) {
		t.Errorf("the checkpoint names the host %s", host)
	}
}

// TestOlderCheckpoint: where a checkpoint does not say by what it was computed, the run goes on only if that is asked for.
func TestOlderCheckpoint(t *testing.T) {
	o := goOptions(t, "pretrain.val_videos=0")
	stopAt(t, o, 3, pretrain)
	dir := run.Dir(o.Out)
	forget(t, dir)
	_, err := Pretrain(context.Background(), o)
	mustFail(t, err, o.Out, "was made by an older vsim, which did not write by what it computed", "--mix-backends", "--force")
	o.MixBackends = true
	result, err := Pretrain(context.Background(), o)
	if err != nil || !strings.Contains(result.Mixed, "backends go, unknown") {
		t.Errorf("%+v, %v", result, err)
	}
}

// forget leaves a stopped run as an older version wrote it.
func forget(t *testing.T, dir run.Dir) {
	t.Helper()
	var id map[string]any
	if err := jsonfile.Read(dir.Identity(), &id); err != nil {
		t.Fatal(err)
	}
	delete(id, "provenance")
	if err := jsonfile.Write(dir.Identity(), id); err != nil {
		t.Fatal(err)
	}
	found, _, err := checkpoint.Latest(dir.Checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string][]safetensors.Tensor{}
	for _, name := range []string{"weights", "moments1", "moments2"} {
		if groups[name], err = found.Group(name); err != nil {
			t.Fatal(err)
		}
	}
	var state map[string]any
	if err := json.Unmarshal(found.State, &state); err != nil {
		t.Fatal(err)
	}
	delete(state["run"].(map[string]any), "provenance")
	if err := checkpoint.Save(dir.Checkpoints(), found.Step, groups, state); err != nil {
		t.Fatal(err)
	}
}

// TestClearFinishedRun removes all that a finished run has, the model card too.
func TestClearFinishedRun(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=0")
	if _, err := Pretrain(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if err := run.Dir(o.Out).Clear(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(o.Out, "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
