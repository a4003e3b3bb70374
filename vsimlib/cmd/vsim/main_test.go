// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/proc"
)

const emojiDir = "../../../data/emoji"

// Exit codes.
const (
	exitDone   = cli.ExitDone
	exitFailed = cli.ExitFailed
	exitUsage  = cli.ExitUsage
)

// binary is the command: exit codes, signals and streams are a process's own.
var binary string

// played is the name of the test binary where it plays the command. By its ending, package provenance looks for no revision: each
// process would compare the times of all sources and start Git twice.
const played = "vsim-played.test"

// TestMain lets the test binary play the command where its file has that name.
func TestMain(m *testing.M) {
	if self, err := os.Executable(); err == nil && filepath.Base(self) == played {
		debug.SetGCPercent(100) // as in the command, which imports nothing of tests
		main()
	}
	os.Exit(makeAndRun(m))
}

func makeAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vsim-cmd-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "vsim")
	if err := makeBinary(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if name, value := proc.Memory(); name != "" { // else each of a thousand processes starts twice
		_ = os.Setenv(name, value)
	}
	const backend = "GOMLX_BACKEND"
	if testing.Short() && os.Getenv(backend) == "" && os.Getenv("PJRT_PLUGIN_LIBRARY_PATH") == "" {
		_ = os.Setenv(backend, backends.Go) // where a command fails early, loading the plugin is most of its time
	}
	return m.Run()
}

// makeBinary builds the command, or with -short, where that would take longer than many tests, has the test binary play it.
func makeBinary() error {
	flag.Parse()
	self, err := os.Executable()
	if play := filepath.Join(filepath.Dir(binary), played); testing.Short() && err == nil && os.Link(self, play) == nil {
		binary = play
		return nil
	}
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// outcome is how a call ended.
type outcome struct {
	*testing.T
	line        string
	code        int
	out, stderr string
}

// vsim runs the command in the test's folder.
func vsim(t *testing.T, args ...string) outcome {
	t.Helper()
	return finish(t, exec.Command(binary, args...))
}

// here is vsim for command lines that are refused before anything is read, or ask for help: with -short it calls the command in
// this process, because to start one takes longer than all else.
func here(t *testing.T, args ...string) outcome {
	t.Helper()
	if !testing.Short() {
		return vsim(t, args...)
	}
	out, printed := pipe(t)
	stderr, said := pipe(t)
	code := cli.Main(args, out, stderr, newRoot)
	return outcome{t, strings.Join(append([]string{"vsim"}, args...), " "), code, printed(), said()}
}

// pipe returns a file, and a function that closes it and returns what was written to it.
func pipe(t *testing.T) (to *os.File, written func() string) {
	t.Helper()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan string, 1)
	go func() {
		data, _ := io.ReadAll(from)
		_ = from.Close()
		all <- string(data)
	}()
	return to, func() string { _ = to.Close(); return <-all }
}

func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{t, strings.Join(cmd.Args, " "), cmd.ProcessState.ExitCode(), out.String(), stderr.String()}
}

// ended checks the exit code.
func (o outcome) ended(code int) outcome {
	o.Helper()
	if o.code != code {
		o.Fatalf("%s\nexit code %d, want %d\nstdout: %s\nstderr: %s", o.line, o.code, code, o.out, o.stderr)
	}
	return o
}

// failed checks that the call failed with one line that holds all of these texts, and printed nothing else.
func (o outcome) failed(code int, texts ...string) outcome {
	o.Helper()
	o.ended(code)
	if strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "vsim: ") ||
		!strings.Contains(o.stderr[len("vsim: "):], ": ") {
		o.Errorf("%s\nstderr is not one line `vsim: WHAT: WHY`: %q", o.line, o.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(o.stderr, text) {
			o.Errorf("%s\nstderr lacks %q: %s", o.line, text, o.stderr)
		}
	}
	if o.out != "" {
		o.Errorf("%s\nstdout: %q", o.line, o.out)
	}
	return o
}

// object parses stdout, which must be one JSON object and nothing else.
func (o outcome) object() map[string]any {
	o.Helper()
	dec := json.NewDecoder(strings.NewReader(o.out))
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		o.Fatalf("%s\nstdout is no JSON object: %v: %q", o.line, err, o.out)
	}
	if dec.More() || strings.Count(o.out, "\n") != 1 {
		o.Fatalf("%s\nstdout holds more than one object: %q", o.line, o.out)
	}
	return v
}

// has checks that the object of stdout has these keys.
func (o outcome) has(keys ...string) map[string]any {
	o.Helper()
	v := o.object()
	for _, key := range keys {
		if _, ok := v[key]; !ok {
			o.Errorf("%s\nno key %q in %s", o.line, key, o.out)
		}
	}
	return v
}

// onCPU gives this process, and so the command, the XLA:CPU plugin, or with -short the pure Go backend.
func onCPU(t *testing.T) {
	t.Helper()
	backendstest.Backend(t)
}

// snapshot is the hash of every file in a folder, but for locks.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == ".lock" {
			return err
		}
		files[path] = hashOf(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func hashOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
