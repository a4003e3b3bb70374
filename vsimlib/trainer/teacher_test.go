// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
)

// teacherFile writes embeddings of the first n videos of pairwise: of the one with index i it is (cos a, sin a) with the angle
// i·angle, so that the cosine of two is cos((i−j)·angle).
func teacherFile(t *testing.T, n int, angle float64) string {
	t.Helper()
	set := &embeddings.Set{Dim: 2}
	for i := range n {
		set.IDs = append(set.IDs, int64(1000+3*i)) // as smallVideo has them
		set.Data = append(set.Data, float32(math.Cos(float64(i)*angle)), float32(math.Sin(float64(i)*angle)))
	}
	path := filepath.Join(t.TempDir(), "teacher.safetensors")
	if err := set.Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// taught are options of a finetuning with that teacher, from a model that is pretrained for an epoch.
func taught(t *testing.T, path string, set ...string) Options {
	t.Helper()
	o := goOptions(t, append(noDropout, "pretrain.epochs=1")...)
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Init, o.Set = pre.Model, noDropout
	return setAll(t, o, append(set, "finetune.teacher="+path)...)
}

// TestTeacher makes all training pairs one batch: the losses before the first update are those of the cosines that the embedder
// gives, packed or not, with the labels and with the teacher's cosines in the shares of the recipe.
func TestTeacher(t *testing.T) {
	const angle = 0.3
	base := taught(t, teacherFile(t, 31, angle), "finetune.batch=500", "finetune.weight_teacher=0.3")
	for weight, set := range map[float64]string{0.3: "model.keep_padding=false", 1: "model.keep_padding=true"} {
		o := setAll(t, base, set)
		o.Set = append([]string{set}, noDropout...)
		o.Recipe.Finetune.WeightTeacher = weight
		f, cosines := cosinesOfInit(t, o)
		label, teacher := 0.0, 0.0
		for i, p := range f.split.Train {
			d, e := cosines[i]-f.target[p.Score], cosines[i]-math.Cos(angle*float64(p.A-p.B)/3)
			label, teacher = label+d*d/float64(len(cosines)), teacher+e*e/float64(len(cosines))
		}
		if err := finetune(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		got := lossLines(t, o.Out)
		nearLosses(t, got["loss_label"], []float64{label}, 1e-4)
		nearLosses(t, got["loss_teacher"], []float64{teacher}, 1e-4)
		nearLosses(t, got["loss"], []float64{(1-weight)*label + weight*teacher}, 1e-4)
	}
}

// TestTeacherTrains: without labels the cosines come close to the teacher's; micro-batches have the losses of whole ones; and next
// to another loss than mse the teacher has its part.
func TestTeacherTrains(t *testing.T) {
	o := taught(t, teacherFile(t, 31, 0.02), "finetune.weight_teacher=1", "finetune.epochs=6", "finetune.lr_encoder=0.003",
		"finetune.lr_heads=0.003")
	if err := finetune(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	all := lossLines(t, o.Out)
	if first, last := all["loss"][0], all["loss"][len(all["loss"])-1]; last > 0.5*first {
		t.Errorf("loss from %g to %g", first, last)
	}
	parts := setAll(t, o, "finetune.accumulate=4")
	stopAt(t, parts, 8, finetune)
	accumulated := lossLines(t, parts.Out)
	for name := range all {
		nearLosses(t, accumulated[name][:8], all[name][:8], 1e-3)
	}
	order := setAll(t, o, "finetune.loss=cosent", "finetune.weight_teacher=0.5", "finetune.epochs=1")
	if err := finetune(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	got := lossLines(t, order.Out)
	for i := range got["loss"] {
		nearLosses(t, got["loss"][i:i+1], []float64{0.5*got["loss_label"][i] + 0.5*got["loss_teacher"][i]}, 1e-5)
	}
}

// TestResumeTeacher stops after every step.
func TestResumeTeacher(t *testing.T) {
	o := taught(t, teacherFile(t, 31, 0.3), "finetune.weight_teacher=0.5")
	steps, dir := finetuned(t, o)
	every := 1
	if testing.Short() {
		every = 4
	}
	for stop := 1; stop < steps; stop += every {
		stopAndGoOn(t, o, stop, finetune, dir)
	}
}

// TestAnotherTeacher: a run goes on where the teacher's file has moved, and not with another file in its position, nor without one.
func TestAnotherTeacher(t *testing.T) {
	path := teacherFile(t, 31, 0.3)
	o := taught(t, path, "finetune.weight_teacher=0.5")
	_, dir := finetuned(t, o)
	whole := o
	o.Out = filepath.Join(t.TempDir(), "run")
	stopAt(t, o, 3, finetune)
	moved := path + "-moved"
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	mustFail(t, finetune(context.Background(), o), "finetune.teacher: ", path, "no such file")
	if err := os.Rename(teacherFile(t, 31, 0.4), path); err != nil {
		t.Fatal(err)
	}
	mustFail(t, finetune(context.Background(), o), "was started with another teacher")
	if err := os.Remove(run.Dir(o.Out).Identity()); err != nil { // a checkpoint says it too
		t.Fatal(err)
	}
	mustFail(t, finetune(context.Background(), o), "the teacher is another")
	o.Recipe.Finetune.Teacher = moved
	if err := finetune(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if modelHash(t, run.Dir(o.Out).Model()) != modelHash(t, dir) || course(t, o.Out) != course(t, whole.Out) {
		t.Error("another result than the undisturbed run's")
	}
	var id struct{ Teacher string }
	if err := jsonfile.Read(run.Dir(o.Out).Identity(), &id); err != nil || len(id.Teacher) != 64 {
		t.Errorf("identity.json has the teacher %q, %v", id.Teacher, err)
	}
}

// TestTeacherLacksVideos: a video of a training pair must have an embedding, and no run is begun without; one that is only held out
// need not.
func TestTeacherLacksVideos(t *testing.T) {
	o := taught(t, teacherFile(t, 30, 0.3), "finetune.weight_teacher=0.5")
	mustFail(t, finetune(context.Background(), o), "finetune.teacher: ", o.Recipe.Finetune.Teacher,
		"has no embedding of video 1090, of the pair")
}
