// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"vsim/vsimlib/run"
)

// TestPlaces: neither locale nor time zone, nor a name of a folder that shells would take apart, nor a corpus that is a link into a
// folder without write permission, changes a byte of a model or of what is made with it.
func TestPlaces(t *testing.T) {
	onCPU(t)
	made := func(dir, corpus string, env ...string) [2]string {
		t.Helper()
		call := func(args ...string) {
			t.Helper()
			cmd := exec.Command(binary, args...)
			cmd.Env = append(os.Environ(), env...)
			finish(t, cmd).ended(exitDone)
		}
		out, file := filepath.Join(dir, "run"), filepath.Join(dir, "e.safetensors")
		call("pretrain", "--corpus", corpus, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", out)
		call("embed", "--model", out, "--records", filepath.Join(corpus, "test_a", "test_a.tfrecords"), "--out", file)
		return [2]string{hashOf(t, filepath.Join(run.Dir(out).Model(), run.WeightsFile)), hashOf(t, file)}
	}
	want := made(t.TempDir(), emojiDir)
	odd := filepath.Join(t.TempDir(), "视频 $HOME `id` 'a' \"b\" *[x]\n%s")
	corpus := filepath.Join(odd, "corpus")
	if err := os.CopyFS(filepath.Join(odd, "real"), os.DirFS(emojiDir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", corpus); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(odd, "real"), 0o555); err != nil {
		t.Fatal(err)
	}
	got := made(odd, corpus, "LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8", "TZ=Pacific/Kiritimati")
	if got != want {
		t.Errorf("weights and embeddings are %v, want %v", got, want)
	}
}
