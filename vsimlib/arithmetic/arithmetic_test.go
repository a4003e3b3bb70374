// SPDX-License-Identifier: Apache-2.0

package arithmetic

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
)

func demo(t *testing.T, set ...string) recipe.Recipe {
	t.Helper()
	r, ok := recipe.Preset("demo")
	if !ok {
		t.Fatal("no preset demo")
	}
	for _, s := range set {
		if err := r.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// numbersOf are the numbers of pretraining, finetuning and embedding on a kind of device.
func numbersOf(t *testing.T, kind string, set ...string) (n [3]string) {
	t.Helper()
	r := demo(t, set...)
	var err error
	for i, of := range []func() (string, error){
		func() (string, error) { return Pretrain(kind, r) }, func() (string, error) { return Finetune(kind, r) },
		func() (string, error) { return Embed(kind, r.Model) },
	} {
		if n[i], err = of(); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// TestNumbers: a number depends on the choices that its stage reads, and on no amounts.
func TestNumbers(t *testing.T) {
	was := numbersOf(t, backends.CPU)
	if was[0] == was[1] || was[1] == was[2] || len(was[0]) != 16 {
		t.Errorf("%v", was)
	}
	for _, c := range []struct {
		set     string
		changed [3]bool
	}{
		{"pretrain.seed=7", [3]bool{}},
		{"pretrain.epochs=7", [3]bool{}},
		{"pretrain.weight_mlm=7", [3]bool{}},
		{"pretrain.weight_mlm=0", [3]bool{true, false, false}},
		{"pretrain.weight_tag=0", [3]bool{true, false, false}},
		{"pretrain.weight_tag=3", [3]bool{}},
		{"pretrain.weight_simcse=1", [3]bool{true, false, false}},
		{"pretrain.accumulate=4", [3]bool{true, false, false}},
		{"pretrain.layer_decay=0.5", [3]bool{true, false, false}},
		{"pretrain.mfm_temperature=0.5", [3]bool{true, false, false}},
		{"pretrain.ema=0.5", [3]bool{true, false, false}},
		{"finetune.weight_teacher=0.5", [3]bool{false, true, false}},
		{"finetune.ema=0.5", [3]bool{false, true, false}},
		{"finetune.layer_decay=0.5", [3]bool{false, true, false}},
		{"finetune.loss=softmax_pearson", [3]bool{false, true, false}},
		{"finetune.accumulate=4", [3]bool{false, true, false}},
		{"finetune.lr_heads=7", [3]bool{}},
		{"model.hidden_size=24", [3]bool{}},
		{"model.compute_dtype=float32", [3]bool{}},
		{"model.compute_dtype=bfloat16", [3]bool{true, true, true}},
		{"model.pooling=masked_attention", [3]bool{true, true, true}},
		{"model.pooling=cls", [3]bool{false, true, true}},
		{"finetune.loss=cosent", [3]bool{false, true, false}},
		{"model.layout=frames_first", [3]bool{true, true, true}},
		{"model.hidden_dropout_prob=0", [3]bool{true, true, false}},
		{"model.gradient_checkpointing=true", [3]bool{true, true, false}},
		{"model.max_asr=8", [3]bool{true, true, true}},
	} {
		now := numbersOf(t, backends.CPU, c.set)
		for i, stage := range []string{"pretrain", "finetune", "embed"} {
			if (now[i] != was[i]) != c.changed[i] {
				t.Errorf("%s: %s was %s, is %s, want a change: %t", c.set, stage, was[i], now[i], c.changed[i])
			}
		}
	}
}

// TestKinds: the programs of a GPU are others than those of a CPU, so their numbers are; the Go backend has those of a CPU.
func TestKinds(t *testing.T) {
	for _, dtype := range []string{"float32", "bfloat16"} {
		set := "model.compute_dtype=" + dtype
		cpu, gpu := numbersOf(t, backends.CPU, set), numbersOf(t, backends.CUDA, set)
		if numbersOf(t, backends.Go, set) != cpu {
			t.Errorf("%s: the numbers of the Go backend are not those of a CPU", dtype)
		}
		if both := numbersOf(t, backends.Any, set); both[0] != cpu[0]+" "+gpu[0] {
			t.Errorf("%s: the number for any backend is %s", dtype, both[0])
		}
		for i, stage := range []string{"pretrain", "finetune", "embed"} {
			if cpu[i] == gpu[i] {
				t.Errorf("%s: %s has the same number on a GPU", dtype, stage)
			}
		}
	}
}

// TestSentAhead: the number for a GPU is the same where steps can be sent ahead, which makes other programs, and where not.
func TestSentAhead(t *testing.T) {
	r := small(demo(t))
	var before, after bytes.Buffer
	if err := pretraining(&before, backends.CUDA, r, nil); err != nil {
		t.Fatal(err)
	}
	backendstest.Asynchronous(t)
	if err := pretraining(&after, backends.CUDA, r, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Error("the traces differ")
	}
}

// edited is an objective with an operation more in its losses, or with other names.
type edited struct {
	step.Objective
	add, rename bool
}

func (e edited) Sum(parts []*Node, weights *Node) *Node {
	total := e.Objective.Sum(parts, weights)
	if e.add {
		total = MulScalar(total, 2)
	}
	return total
}

func (e edited) Names() []string {
	names := e.Objective.Names()
	if e.rename {
		for i := range names {
			names[i] = "renamed_" + names[i]
		}
	}
	return names
}

// TestEditedLoss: an operation more in a loss is another arithmetic, another name is not.
func TestEditedLoss(t *testing.T) {
	r := small(demo(t))
	for stage, of := range map[string]func(w io.Writer, kind string, r recipe.Recipe, alter change) error{
		"pretrain": pretraining, "finetune": finetuning,
	} {
		trace := func(add, rename bool) []byte {
			t.Helper()
			var b bytes.Buffer
			if err := of(&b, backends.CPU, r, func(o step.Objective) step.Objective { return edited{o, add, rename} }); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		was := trace(false, false)
		if !bytes.Equal(was, trace(false, true)) {
			t.Errorf("%s: a loss of another name is another arithmetic", stage)
		}
		if bytes.Equal(was, trace(true, false)) {
			t.Errorf("%s: an edited loss is the same arithmetic", stage)
		}
		if !bytes.Contains(was, []byte("stablehlo.dot_general")) {
			t.Errorf("%s: a trace without a product of matrices", stage)
		}
	}
}

// TestAnotherProcess computes the same numbers in another process, and in little time.
func TestAnotherProcess(t *testing.T) {
	began := time.Now()
	n := numbersOf(t, backends.CPU, "model.pooling=masked_mean")
	text := strings.Join(n[:], " ")
	if os.Getenv("VSIM_TEST_NUMBERS") != "" {
		t.Log("numbers", text)
		return
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("three numbers took %v", took)
	}
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestAnotherProcess$", "-test.v")
		cmd.Env = append(os.Environ(), "VSIM_TEST_NUMBERS=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "numbers "+text) {
			t.Errorf("%v: %s, want %s", err, out, text)
		}
	}
}

func BenchmarkNumbers(b *testing.B) {
	r, _ := recipe.Preset("demo")
	for b.Loop() {
		if err := pretraining(io.Discard, backends.CPU, small(r), nil); err != nil {
			b.Fatal(err)
		}
	}
}
