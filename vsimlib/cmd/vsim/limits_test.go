// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// extremes are settings with the bounds that recipes have.
var extremes = []struct {
	name      string
	low, high int64
}{
	{"model.hidden_size", 1, 65536}, {"model.num_hidden_layers", 1, 1000}, {"model.intermediate_size", 1, 1 << 20},
	{"model.max_position_embeddings", 1, 1 << 20}, {"model.type_vocab_size", 1, 65536}, {"model.max_frames", 0, 65536},
	{"model.max_text", 2, 65536}, {"model.embedding_dim", 1, 1 << 20}, {"model.vocab_size", 0, 1 << 24},
	{"model.num_tags", 0, 1 << 24}, {"pretrain.batch", 1, 1 << 20}, {"pretrain.epochs", 0, 3}, {"pretrain.val_videos", 1, 1 << 40},
	{"pretrain.checkpoint_every", 0, 1 << 40}, {"finetune.batch", 1, 1 << 20},
}

// draw gives a few settings values anywhere in their bounds, at them, just outside, or nonsense.
func draw(r *rand.Rand) (args []string) {
	for range 1 + r.IntN(4) {
		e := extremes[r.IntN(len(extremes))]
		value := strconv.FormatInt(int64(math.Exp(r.Float64()*math.Log(float64(e.high)+1))), 10)
		switch r.IntN(12) {
		case 0:
			value = strconv.FormatInt(e.low-1, 10)
		case 1, 2:
			value = strconv.FormatInt(e.high, 10)
		case 3:
			value = strconv.FormatInt(e.high+1, 10)
		case 4:
			value = []string{"NaN", "1e400", "9223372036854775808", "", "-0", "0x10", "null", "[1]"}[r.IntN(8)]
		}
		args = append(args, "--set", e.name+"="+value)
	}
	if r.IntN(4) > 0 {
		args = append(args, "--set", "model.num_attention_heads=1") // divides any hidden_size
	}
	if r.IntN(4) == 0 {
		args = append(args, "--set", "model.gradient_checkpointing=true")
	}
	return args
}

// TestExtremeRecipes runs whole commands with random recipes in little address space: whatever they ask for, the end is a result or
// one line, and no stack of goroutines. VSIM_EXTREME=N runs N commands and other seeds with it.
func TestExtremeRecipes(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ulimit -v is Linux's")
	}
	commands, seed := 36, uint64(1)
	if testing.Short() {
		commands = 12
	}
	if n, err := strconv.Atoi(os.Getenv("VSIM_EXTREME")); err == nil {
		commands, seed = n, uint64(n)
	}
	dir := t.TempDir()
	micro, model := filepath.Join(dir, "micro"), filepath.Join(dir, "model")
	vsim(t, "data", "synth", "--like", "controlled", "--pointwise", "150", "--pairs", "200", "--out", micro).ended(exitDone)
	goBackend(t, dir, 0, "pretrain", "--corpus", micro, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", model).
		ended(exitDone)
	records := filepath.Join(micro, "pairwise", "pairwise.tfrecords")
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range commands {
		out := filepath.Join(dir, fmt.Sprint("out", i))
		recipe := []string{"tiny", "demo", "paper"}[r.IntN(3)]
		var args []string
		switch r.IntN(6) {
		case 0:
			args = []string{"embed", "--model", model, "--records", records, "--out", out, "--batch",
				strconv.FormatInt(int64(math.Exp(r.Float64()*43)), 10)}
		case 1:
			args = append([]string{"finetune", "--corpus", micro, "--recipe", "tiny", "--init", model, "--out", out}, draw(r)...)
		case 2:
			args = append([]string{"import", "--hf", "../../huggingface/testdata/tiny/model", "--out", out}, draw(r)...)
		case 3:
			args = append([]string{"recipe", recipe}, draw(r)...)
		default:
			args = append([]string{"pretrain", "--corpus", micro, "--recipe", recipe, "--out", out}, draw(r)...)
		}
		o := goBackend(t, dir, 3_000_000, append(args, "--json")...)
		last := strings.TrimSpace(o.stderr[strings.LastIndex(strings.TrimSpace(o.stderr), "\n")+1:])
		switch {
		case strings.Contains(o.stderr, "goroutine ") || strings.Contains(o.stderr, "runtime: "):
			t.Errorf("seed %d: %s: a stack: %.600s", seed, o.line, o.stderr)
		case o.code == exitDone, o.code == 128+int(syscall.SIGTERM):
		case o.code != exitFailed && o.code != exitUsage, !strings.HasPrefix(last, "vsim: "), strings.Contains(last, "internal error"):
			t.Errorf("seed %d: %s: exit code %d: %.600s", seed, o.line, o.code, o.stderr)
		}
		_ = os.RemoveAll(out)
	}
}

// goBackend runs the command on the pure Go backend with this many KiB of address space, 0: any. One that works for long is told to
// stop: it is not what is looked for.
func goBackend(t *testing.T, dir string, space int, args ...string) outcome {
	t.Helper()
	limit := "unlimited"
	if space > 0 {
		limit = strconv.Itoa(space)
	}
	limited := []string{"-c", "ulimit -v " + limit + `; exec "$0" "$@"`, binary}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", append(limited, args...)...)
	cmd.Env = append(os.Environ(), "GOMLX_BACKEND=go", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	stop := time.AfterFunc(5*time.Second, func() {
		for !catches(cmd.Process.Pid, syscall.SIGTERM) { // else the signal itself ends it, before it can say so
			if cmd.Process.Signal(syscall.Signal(0)) != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		_ = cmd.Process.Signal(syscall.SIGTERM)
	})
	defer stop.Stop()
	return finish(t, cmd)
}

// catches reports whether a process is ready for a signal. A shell that is not vsim yet is not.
func catches(pid int, sig syscall.Signal) bool {
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	status, errStatus := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil || errStatus != nil || filepath.Base(name) != filepath.Base(binary) {
		return false
	}
	_, caught, _ := strings.Cut(string(status), "SigCgt:")
	mask, err := strconv.ParseUint(strings.TrimSpace(strings.SplitN(caught, "\n", 2)[0]), 16, 64)
	return err == nil && mask&(1<<(sig-1)) != 0
}
