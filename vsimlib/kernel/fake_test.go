// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/kernel/wire"
)

// TestMain lets the test binary play GoNB: with --kernel FILE as its last arguments it is one, or is that of TestKilled.
func TestMain(m *testing.M) {
	if n := len(os.Args); n > 2 && os.Args[n-2] == "--kernel" {
		if err := playGoNB(os.Args[n-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if file := os.Getenv("KERNEL_TEST_RUN"); file != "" {
		if err := Run(context.Background(), fakeOptions(file)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fakeOptions are those of a kernel whose GoNB is the test binary.
func fakeOptions(connectionFile string) Options {
	return Options{Connection: connectionFile, GoNB: []string{os.Args[0]}, Env: os.Environ(), Prelude: "prelude", Log: os.Stderr}
}

// fake is GoNB as far as these tests need it. The first word of a cell says what it does.
type fake struct {
	*front
	interrupts <-chan os.Signal
	executed   []string
	count      int
}

func playGoNB(connectionFile string) error {
	if os.Getenv("FAKE_START") == "fails" {
		return fmt.Errorf("no go")
	}
	c, err := wire.ReadConnection(connectionFile)
	if err != nil {
		return err
	}
	interrupts, end := make(chan os.Signal, 100), make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	signal.Notify(end, syscall.SIGTERM)
	if name, err := exec.LookPath("gopls"); err == nil {
		gopls := exec.Command(name)
		gopls.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := gopls.Start(); err != nil {
			return err
		}
	}
	front, err := listen(context.Background(), c, func(err error) { fmt.Fprintln(os.Stderr, err) })
	if err != nil {
		return err
	}
	f := &fake{front: front, interrupts: interrupts}
	for {
		select {
		case m := <-front.shell.in:
			f.handle(m)
		case <-end:
			return nil
		}
	}
}

// handle answers as GoNB does: to the shell alone, and between busy and idle only what it knows.
func (f *fake) handle(m wire.Message) {
	content := map[string]any{"status": "ok"}
	switch m.Header.Type {
	case "comm_msg":
		f.shell.send(m.Answer(f.session, "comm_msg", content))
		return
	case "kernel_info_request", "complete_request", "inspect_request":
		f.status(m, "busy")
		if m.Header.Type == "kernel_info_request" {
			content["implementation"], content["language_info"] = "gonb", map[string]any{"name": "go", "version": "go1.99"}
			break
		}
		var q question
		if err := m.Content(&q); err != nil {
			panic(err)
		}
		content["cursor_start"], content["cursor_end"], content["units"] = q.Cursor, q.Cursor, q.Cursor
	case executeType:
		f.status(m, "busy")
		content = f.execute(m)
	default:
		return
	}
	f.shell.send(m.Answer(f.session, m.ReplyType(), content))
	f.status(m, "idle")
}

func (f *fake) execute(m wire.Message) map[string]any {
	var r executeRequest
	if err := m.Content(&r); err != nil {
		panic(err)
	}
	if !r.Silent {
		f.count++
		f.publish(m.Answer(f.session, "execute_input", map[string]any{"code": r.Code, "execution_count": f.count}))
	}
	f.executed = append(f.executed, r.Code)
	word, rest, _ := strings.Cut(r.Code, " ")
	content := map[string]any{"status": "ok", "execution_count": f.count}
	if why := f.program(m, word, rest); why != "" {
		f.write(m, "stderr", why+"\n")
		failed := fault{"ERROR", why, []string{why}}
		f.publish(m.Answer(f.session, "error", failed))
		content = failed.reply()
		content["execution_count"] = f.count
	}
	return content
}

// program does what a cell says, and returns how its program failed.
func (f *fake) program(m wire.Message, word, rest string) string {
	for len(f.interrupts) > 0 {
		<-f.interrupts
	}
	switch word {
	case "prelude":
		time.Sleep(100 * time.Millisecond)
	case "print":
		f.write(m, "stdout", rest+"\n")
	case "flood": // megabytes
		for range number(rest) {
			f.write(m, "stdout", strings.Repeat("x", 1<<20))
		}
	case "executed":
		f.write(m, "stdout", strings.Join(f.executed, "|")+"\n")
	case "set":
		name, value, _ := strings.Cut(rest, " ")
		f.write(m, "stdout", fmt.Sprintf("Set: %s=%q\n", name, value))
	case "get":
		f.write(m, "stdout", os.Getenv(rest)+"\n")
	case "fail":
		f.write(m, "stderr", rest+"\n")
		return "exit status 1"
	case "run": // until the interrupt of this number
		f.write(m, "stdout", "running\n")
		for range number(rest) {
			<-f.interrupts
		}
		return "signal: interrupt"
	case "leave": // a process that holds the output, which is waited for
		shell := exec.Command("/bin/sh", "-c", "sleep 300 &")
		out, err := shell.StdoutPipe()
		if err != nil {
			panic(err)
		}
		if err := shell.Start(); err != nil {
			panic(err)
		}
		f.write(m, "stdout", "running\n")
		_, _ = io.ReadAll(out)
		_ = shell.Wait()
	case "survive": // an interrupt
		f.write(m, "stdout", "running\n")
		<-f.interrupts
	case "ask":
		f.stdin.send(m.Answer(f.session, "input_request", map[string]any{"prompt": rest}))
		var reply wire.Message
		select {
		case reply = <-f.stdin.in:
		case <-f.interrupts:
			return map[string]string{"name!": "signal: interrupt"}[rest]
		}
		var answer struct{ Value string }
		_ = reply.Content(&answer)
		f.write(m, "stdout", answer.Value+"\n")
	case "die":
		os.Exit(3)
	}
	return ""
}

// number is the number that a text begins with.
func number(text string) int {
	word, _, _ := strings.Cut(text, " ")
	n, _ := strconv.Atoi(word)
	return n
}

func (f *fake) write(m wire.Message, name, text string) {
	f.publish(m.Answer(f.session, "stream", map[string]string{"name": name, "text": text}))
}

// withGopls is a PATH with a gopls that does nothing for a long time.
func withGopls(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gopls"), []byte("#!/bin/sh\nsleep 300\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + dir + ":" + os.Getenv("PATH")
}
