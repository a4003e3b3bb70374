// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFollow(t *testing.T) {
	lines := `{"event": "start", "cells": 2}
{"event": "kernel", "pid": 12}
{"event": "begin", "cell": 1}

{"event": "output", "text": "loss 1.5"}
{"event": "end", "cell": 1, "seconds": 0.25}
{"event": "begin", "cell": 2}
{"event": "error", "cell": 2, "text": "no such folder"}`
	var got []Event
	e := &execution{event: Event{Notebook: "n"}, progress: func(ev Event) { got = append(got, ev) }}
	if err := e.follow(strings.NewReader(lines)); err != nil {
		t.Fatal(err)
	}
	want := []Event{
		{"n", Started, 0, 2, 0, ""},
		{"n", Running, 1, 2, 0, ""},
		{"n", Output, 1, 2, 0, "loss 1.5"},
		{"n", Done, 1, 2, 0.25, ""},
		{"n", Running, 2, 2, 0, ""},
	}
	if len(got) != len(want) {
		t.Fatalf("%d events %+v, want %d", len(got), got, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if e.failure != "no such folder" || e.failedCell != 2 {
		t.Errorf("failure %q in cell %d", e.failure, e.failedCell)
	}
}

func TestFollowReadsOnAfterABadLine(t *testing.T) {
	events := 0
	e := &execution{progress: func(Event) { events++ }}
	err := e.follow(strings.NewReader("{\"event\": \"begin\", \"cell\": 1}\nTraceback:\n{\"event\": \"end\", \"cell\": 1}\n"))
	if err == nil || !strings.Contains(err.Error(), "Traceback") || events != 2 {
		t.Errorf("error %v after %d events", err, events)
	}
}

func FuzzFollow(f *testing.F) {
	f.Add(`{"event": "start", "cells": 2}`)
	f.Add("{\"event\": \"error\"}\n\n{")
	f.Add(`{"event": "end", "cell": -1, "seconds": 1e99}`)
	f.Fuzz(func(t *testing.T, lines string) {
		e := &execution{progress: func(ev Event) {
			switch ev.State {
			case Started, Running, Output, Done:
			default:
				t.Errorf("event %+v of no known state", ev)
			}
		}}
		_ = e.follow(strings.NewReader(lines))
	})
}

func TestPartialName(t *testing.T) {
	for out, want := range map[string]string{"a/b.ipynb": "a/b.partial.ipynb", "x.y/b": "x.y/b.partial"} {
		if got := partialName(out); got != want {
			t.Errorf("partialName(%s) = %s, want %s", out, got, want)
		}
	}
}

// notebook writes a notebook of the given code cells, with a markdown cell and stale outputs in it.
func notebook(t *testing.T, cells ...string) string {
	t.Helper()
	list := []any{map[string]any{"cell_type": "markdown", "metadata": map[string]any{}, "source": "# Test"}}
	for _, source := range cells {
		stale := map[string]any{"output_type": "stream", "name": "stdout", "text": "stale"}
		list = append(list, map[string]any{
			"cell_type": "code", "metadata": map[string]any{}, "execution_count": 99, "outputs": []any{stale}, "source": source,
		})
	}
	data, err := json.Marshal(map[string]any{
		"nbformat": 4, "nbformat_minor": 4, "cells": list,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": Kernel, "display_name": "Go (gonb)", "language": "go"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.ipynb")
	write(t, path, string(data))
	return path
}

// outputs joins what the code cells of an executed notebook show.
func outputs(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Outputs []struct {
				Text  []string            `json:"text"`
				Data  map[string][]string `json:"data"`
				Error string              `json:"evalue"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var all strings.Builder
	for _, cell := range nb.Cells {
		for _, out := range cell.Outputs {
			all.WriteString(strings.Join(out.Text, "") + strings.Join(out.Data["text/html"], "") + out.Error)
		}
		all.WriteString("|")
	}
	return all.String()
}

const importCell = `import (
	"fmt"

	"github.com/janpfeifer/gonb/gonbui"

	"vsim/vsimlib/rank"
)
%%
for i := range 3 {
	gonbui.UpdateHTML("progress", fmt.Sprintf("<b>step %d</b> of 3", i+1))
}
gonbui.Sync()
fmt.Println(rank.Average([]float64{30, 10, 20}))`

const waitCell = `%%
c := make(chan os.Signal, 1)
signal.Notify(c, os.Interrupt)
fmt.Println("waiting")
<-c
fmt.Println("saved")
os.Exit(130)`

// TestNotebooks sets Jupyter up in the checkout, as vsim setup does, and executes small notebooks with it.
func TestNotebooks(t *testing.T) {
	if testing.Short() {
		t.Skip("sets Jupyter up")
	}
	root, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Setup(t.Context(), root, os.Stderr); err != nil {
		t.Fatal(err)
	}
	if state := Status(root); !state.Ready || state.Jupyter == "" || state.Kernel == "" {
		t.Fatalf("after Setup: %+v", state)
	}

	t.Run("executes", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "new", "out.ipynb")
		var last Event
		shown := ""
		err := Execute(t.Context(), root, notebook(t, "%noautoget", importCell), out, []string{"GOPROXY=off"}, func(e Event) {
			last = e
			shown += e.Text + "\n"
		})
		if err != nil {
			t.Fatal(err)
		}
		// One display, updated, and nothing of the stale outputs. [3 1 2] are the ranks by hand.
		if got, want := outputs(t, out), "||<b>step 3</b> of 3[3 1 2]\n|"; got != want {
			t.Errorf("outputs %q, want %q", got, want)
		}
		if last.State != Done || last.Cell != 2 || last.Cells != 2 || last.Seconds <= 0 || !strings.Contains(shown, "step 1 of 3") {
			t.Errorf("last event %+v, shown %q", last, shown)
		}
	})
	t.Run("fails", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out.ipynb")
		source := notebook(t, "%noautoget", "%%\nfmt.Println(\"first\")",
			"%%\nfmt.Fprintln(os.Stderr, \"corpus: nowhere: no such folder\")\nos.Exit(1)", "%%\nfmt.Println(\"never\")")
		err := Execute(t.Context(), root, source, out, nil, nil)
		want := "test.ipynb: code cell 3: corpus: nowhere: no such folder (partly executed copy: "
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q in it", err, want)
		}
		if got := outputs(t, partialName(out)); !strings.HasPrefix(got, "||first\n|corpus: nowhere") || !strings.HasSuffix(got, "||") {
			t.Errorf("partial outputs %q", got)
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("a failed notebook left its output file")
		}
	})
	t.Run("stops", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out.ipynb")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var stopped time.Time
		err := Execute(ctx, root, notebook(t, "%noautoget", waitCell, "%%\nfmt.Println(\"never\")"), out, nil, func(e Event) {
			if e.Text == "waiting" {
				stopped = time.Now()
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopped in code cell 2") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(stopped); took > 10*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if got := outputs(t, partialName(out)); !strings.Contains(got, "waiting\nsaved\n") || strings.Contains(got, "never") {
			t.Errorf("partial outputs %q", got)
		}
	})
	t.Run("refuses", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "bad.ipynb")
		write(t, bad, "{}}")
		err := Execute(t.Context(), root, bad, bad+".out", nil, nil)
		if err == nil || !strings.Contains(err.Error(), "bad.ipynb: not a notebook") || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
	})
}
