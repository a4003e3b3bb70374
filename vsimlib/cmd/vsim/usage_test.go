// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/jsonfile"
)

// TestUsageErrors: exit code 2 and one line; in JSON the same line as an object.
func TestUsageErrors(t *testing.T) {
	train := []string{"--corpus", "c", "--out", "o"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"version", "now"}, "unexpected argument"},
		{[]string{"completion"}, "which subcommand?"},
		{[]string{"completion", "zhs"}, `unknown command "zhs"; did you mean zsh?`},
		{[]string{"--versoin"}, "did you mean --version?"},
		{[]string{"pretran", "--corpus", "x"}, "did you mean pretrain?"},
		{[]string{"data"}, "which subcommand?"},
		{[]string{"data", "chek", "--all"}, "did you mean check?"},
		{[]string{"data", "check"}, "DIR is missing"},
		{[]string{"data", "check", "a", "b"}, `unexpected argument "b": there is one DIR`},
		{[]string{"data", "synth", "--out", "d"}, `"like" not set`},
		{[]string{"data", "synth", "--out", "d", "--like", "real"}, `--like: "real" is unknown, want controlled or competition`},
		{[]string{"data", "synth", "--out", "d", "--like", "controlled", "--pointwise", "-1"}, "--pointwise: -1 is outside [0,10000000]"},
		{[]string{"data", "synth", "--out", "d", "--like", "controlled", "--pairs", "7"}, "--pairs: 7 is neither 0 nor in [200,1000000]"},
		{[]string{"data", "synth", "--out", "d", "--like", "controlled", "--pairs", "0", "--pointwise", "0"}, "nothing to write"},
		{[]string{"help", "evil"}, "unknown command"},
		{[]string{"help", "data", "chek"}, "did you mean check?"},
		{[]string{"--bogus"}, "unknown flag"},
		{[]string{"eval"}, `"embeddings", "labels" not set`},
		{[]string{"eval", "--embedings", "x"}, "did you mean --embeddings?"},
		{[]string{"eval", "a.safetensors", "--embeddings", "e", "--labels", "l"}, "unexpected argument"},
		{[]string{"eval", "--labels"}, "flag needs an argument"},
		{[]string{"embed", "--model", "m", "--out", "o"}, `"records" not set`},
		{[]string{"embed", "--model", "m", "--out", "o", "--records", "r", "--batch", "0"}, "--batch: 0 is below 1"},
		{[]string{"embed", "--model", "m", "--out", "o", "--records", "r", "--batch", "many"},
			`--batch: want a whole number, got "many"`},
		{[]string{"embed", "--out", "o"}, `"model", "records" not set`},
		{[]string{"embed", "--model", "m", "--records", "r"}, `"out" not set`},
		{[]string{"embed", "--model", "m", "--out", "o", "--records", "r", "--shard", "3/2"}, `--shard: "3/2" is not i/n`},
		{[]string{"embed", "--merge", "s", "--out", "o", "--model", "m"}, "--merge: goes without --model"},
		{[]string{"embed", "--merge", "s", "--out", "o", "--shard", "1/2"}, "--merge: goes without --shard"},
		{[]string{"ensemble", "--out", "o"}, "E1 is missing"},
		{[]string{"ensemble", "--out", "o", "--dim", "0", "a"}, "--dim: 0 is below 1"},
		{[]string{"ensemble", "--out", "o", "--weights", "1,2", "a"}, "2 weights for 1 file"},
		{[]string{"ensemble", "--out", "o", "--weights", "1,-2", "a", "b"}, "-2 is not positive"},
		{[]string{"ensemble", "--out", "o", "--weights", "1,NaN", "a", "b"}, "NaN is not positive"},
		{[]string{"ensemble", "--out", "o", "--weights", "1;2", "a", "b"}, `--weights: want numbers separated by commas, got "1;2"`},
		{[]string{"submit", "--out", "o"}, `"embeddings", "records" not set`},
		{[]string{"import", "--hf", "x"}, `"out" not set`},
		{[]string{"import", "--hf", "x", "--out", "o", "--set", "model.layot=cls_first"}, `nearest is "model.layout"`},
		{[]string{"reproduce", "--scale", "big"}, "want tiny or demo"},
		{[]string{"setup", "now"}, "unexpected argument"},
		{[]string{"lab", "now"}, "come after --"},
		{[]string{"lab", "--port", "9000"}, "unknown flag: --port; JupyterLab's own flags come after --"},
		{[]string{"doctor", "--scale", "tiny"}, "unknown flag"},
		{[]string{"doctor", "--jsn"}, "--jsn; did you mean --json? (`"},
		{[]string{"study"}, "NAME is missing; there are tasks, tasks-long, epochs, "},
		{[]string{"study", "tasks", "epochs"}, `unexpected argument "epochs"`},
		{[]string{"study", "tasks", "--seeds", "1,x"}, `--seeds: want whole numbers separated by commas, got "1,x"`},
		{[]string{"study", "tasks", "--poll", "soon"}, "--poll: want a duration"},
		{[]string{"recipe", "tiny", "demo"}, `unexpected argument "demo"`},
		{[]string{"recipe", "--member", "x"}, `--member: want a whole number, got "x"`},
		{[]string{"recipe", "--member", "99999999999999999999"}, "--member: 99999999999999999999 is out of range"},
		{[]string{"embed", "--model", "X", "--model", "Y"}, `--model: given twice: "X" and "Y"`},
		{[]string{"embed", "--model", "m", "--records", "r", "--out", ""}, "--out: want FILE, got an empty text"},
		{[]string{"embed", "--model", "m", "--out", "o", "--records", "r", "--records", ""}, "--records: want FILE, got an empty text"},
		{[]string{"import", "--model", "m", "--out", ""}, "--out: want DIR, got an empty text"},
		{[]string{"study", "epochs", "--values", ""}, "--values: want A,B,C, got an empty text"},
		{[]string{"data", "check", ""}, "want DIR, got an empty text"},
		{[]string{"ensemble", "--out", "o", "a", ""}, "got an empty text"},
		{append([]string{"pretrain", "--recipe", "tiny", "--recipe", "demo"}, train...), `--recipe: given twice: "tiny" and "demo"`},
		{append([]string{"pretrain", "--recipe", "tiny", "--out", "other"}, train...), `--out: given twice: "other" and "o"`},
		{[]string{"bench", "--steps", "0"}, "--steps: 0 is below 1"},
		{[]string{"bench", "--rounds", "0"}, "--rounds: 0 is below 1"},
		{[]string{"bench", "--rounds", "2"}, "--rounds is for --against"},
		{[]string{"bench", "--batch", "-1"}, "--batch: -1 is below 0"},
		{[]string{"bench", "--batch", "99999999"}, "outside [1,"},
		{[]string{"bench", "--compile-only", "--sweep"}, "--compile-only and --sweep exclude each other"},
		{[]string{"bench", "--compile-only", "--against", "true"}, "--compile-only and --against exclude each other"},
		{[]string{"bench", "--compile-only", "--steps", "0"}, "--steps: 0 is below 1"},
		{[]string{"bench", "--lengths", "long"}, "neither full nor competition"},
		{[]string{"bench", "--recipe", "tinny"}, "neither a preset"},
		{append([]string{"pretrain"}, train...), `"recipe" not set`},
		{append([]string{"pretrain", "--recipe", "tinny"}, train...), "neither a preset"},
		{append([]string{"pretrain", "--recipe", "tiny", "--member", "7"}, train...), "there are 1 to 6"},
		{append([]string{"pretrain", "--recipe", "tiny", "--member", "0"}, train...), "there are 1 to 6"},
		{append([]string{"pretrain", "--recipe", "tiny", "--set", "pretrain.epoch=3"}, train...), `nearest is "pretrain.epochs"`},
		{append([]string{"pretrain", "--recipe", "tiny", "--set", "pretrain.epochs=few"}, train...), "not a whole number"},
		{append([]string{"pretrain", "--recipe", "tiny", "--set", "pretrain.batch=0"}, train...), "outside [1,"},
		{append([]string{"pretrain", "--recipe", "tiny", "--set", "pretrain.epochs"}, train...), "want section.name=value"},
		{append([]string{"pretrain", "--recipe", "tiny", "--devices", "0"}, train...), "--devices: 0 is below 1"},
		{append([]string{"finetune", "--recipe", "tiny"}, train...), `"init" not set`},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			here(t, c.args...).failed(exitUsage, c.want)
			o := here(t, append(c.args, "--json")...).ended(exitUsage)
			if line, _ := o.object()["error"].(string); "vsim: "+line+"\n" != o.stderr {
				t.Errorf("error %q in JSON, %q on stderr", line, o.stderr)
			}
		})
	}
}

// TestHelp: every subcommand explains itself at length and shows an example, on stdout.
func TestHelp(t *testing.T) {
	root := newRoot(cli.New(io.Discard, cli.NewConsole(cli.ScreenOf(os.Stderr))))
	var visit func(cmd *cobra.Command)
	names := map[string]bool{}
	visit = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			visit(child)
		}
		if cmd.Name() == "help" {
			return
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		names[strings.Join(path, " ")] = true
		o := here(t, append(path, "--help")...).ended(exitDone)
		if o.stderr != "" {
			t.Errorf("%s: stderr %q", o.line, o.stderr)
		}
		for _, text := range []string{"Usage:\n  vsim", "--json", strings.TrimSpace(cmd.Long), cmd.Example} {
			if !strings.Contains(o.out, text) {
				t.Errorf("%s: the help lacks %q", o.line, text)
			}
		}
		if len(path) > 0 && (cmd.Example == "" || len(cmd.Long) < len(cmd.Short)) {
			t.Errorf("%s: no example, or no long text", o.line)
		}
		if help := here(t, append([]string{"help"}, path...)...).ended(exitDone); help.out != o.out {
			t.Errorf("vsim help %s says otherwise than --help", strings.Join(path, " "))
		}
	}
	visit(root)
	for _, name := range []string{"setup", "reproduce", "lab", "doctor", "data check", "data synth", "pretrain", "finetune", "embed",
		"eval", "ensemble", "submit", "import", "bench"} {
		if !names[name] {
			t.Errorf("no subcommand %q", name)
		}
	}
}

// TestAlone: without arguments there is the help.
func TestAlone(t *testing.T) {
	if o, help := vsim(t).ended(exitDone), vsim(t, "--help").ended(exitDone); o.out != help.out || o.stderr != "" {
		t.Errorf("%q, and %q on stderr", o.out, o.stderr)
	}
	if line, _ := vsim(t, "--json").ended(exitUsage).object()["error"].(string); !strings.Contains(line, "which subcommand?") {
		t.Errorf("with --json: %q", line)
	}
}

// TestPlaceholders: each flag names its value as usage texts do, and no text says the name twice in a row.
func TestPlaceholders(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			visit(child)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			name, use := pflag.UnquoteUsage(f)
			if strings.HasSuffix(strings.ToLower(use), strings.ToLower(name)) && len(strings.Fields(use)) <= 2 && name != "" {
				t.Errorf("%s --%s %s: %q says no more than the placeholder", cmd.CommandPath(), f.Name, name, use)
			}
			if name != strings.ToUpper(name) && !strings.Contains(name, "|") && name != "model.NAME=VALUE" {
				t.Errorf("%s --%s %s: a placeholder in capitals, or the values", cmd.CommandPath(), f.Name, name)
			}
			if strings.Count(f.DefValue, "[]") > 0 && strings.Contains(use, "(default ") {
				t.Errorf("%s --%s: two defaults", cmd.CommandPath(), f.Name)
			}
		})
	}
	visit(newRoot(cli.New(io.Discard, cli.NewConsole(cli.ScreenOf(os.Stderr)))))
}

// TestRepeats: lists grow, and a switch may be given the same value again.
func TestRepeats(t *testing.T) {
	o := vsim(t, "recipe", "tiny", "--set", "pretrain.epochs=3", "--set", "pretrain.batch=8", "--json", "--json").ended(exitDone)
	section, _ := o.object()["pretrain"].(map[string]any)
	if section["epochs"] != 3.0 || section["batch"] != 8.0 {
		t.Errorf("epochs %v and batch %v", section["epochs"], section["batch"])
	}
}

// TestUsualSeeds: the help of study says which seeds each scale has.
func TestUsualSeeds(t *testing.T) {
	if o := vsim(t, "study", "--help").ended(exitDone); !strings.Contains(o.out, "(default 1 to 2 at tiny, 1 to 5 at demo but to 3 of corpus-size, "+
		"to 8 of labels, to 10 of tasks, tasks-long, epochs, loss-weights, 1 to 3 at paper)") {
		t.Errorf("help: %s", o.out)
	}
}

// TestCompletion: each shell has its script, and commands complete.
func TestCompletion(t *testing.T) {
	for shell, start := range map[string]string{"bash": "# bash completion", "zsh": "#compdef vsim", "fish": "# fish completion",
		"powershell": "# powershell completion"} {
		if o := vsim(t, "completion", shell).ended(exitDone); !strings.HasPrefix(o.out, start) || o.stderr != "" {
			t.Errorf("%s: %.40q, and %q on stderr", shell, o.out, o.stderr)
		}
	}
	if o := vsim(t, "__complete", "fine").ended(exitDone); !strings.HasPrefix(o.out, "finetune\t") {
		t.Errorf("fine completes to %q", o.out)
	}
}

// TestCompletes: presets, scales, studies, notebooks, settings and what help explains complete, and files where they may follow.
func TestCompletes(t *testing.T) {
	const noFiles, files, noSpace = ":4", ":0", ":6"
	for _, c := range []struct {
		line, end string
		want      []string
	}{
		{"pretrain --recipe ", files, []string{"tiny\n", "demo\n", "paper\n"}},
		{"pretrain --member ", noFiles, []string{"1\n", "6\n"}},
		{"pretrain --set ", noSpace, []string{"model.pooling=\t", "pretrain.epochs=\ta whole number\n", "finetune.split=\t"}},
		{"import --set model.po", noSpace, []string{"model.pooling=\t"}},
		{"finetune --set=finetune.sp", noSpace, []string{"finetune.split=\t"}},
		{"study ", files, []string{"tasks\n", "others\n"}},
		{"study tasks --scale ", noFiles, []string{"tiny\n", "demo\n", "paper\n"}},
		{"study tasks --on s", noFiles, []string{"slurm\n"}},
		{"reproduce --scale ", noFiles, []string{"tiny\n", "demo\n"}},
		{"run ", files, []string{"00_quickstart\n", "03_model\n"}},
		{"run 00_quickstart 0", files, []string{"02_minibatch\n"}},
		{"recipe ", files, []string{"tiny\n"}},
		{"help ", noFiles, []string{"settings\t", "pretrain\t"}},
		{"help data ", noFiles, []string{"check\t"}},
		{"help settings ", noFiles, []string{"model\n", "finetune\n", "pretrain.epochs\t"}},
	} {
		words := strings.Split(c.line, " ")
		o := vsim(t, append([]string{"__complete"}, words...)...).ended(exitDone)
		for _, want := range append(c.want, c.end+"\n") {
			if !strings.Contains("\n"+o.out, "\n"+want) {
				t.Errorf("%s: no %q in %q", c.line, want, o.out)
			}
		}
	}
}

// TestRecipeFile: faults of a file are failures that name it, faults of the command line are wrong usage.
func TestRecipeFile(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		path := filepath.Join(dir, "r.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := func(more ...string) []string {
		return append([]string{"pretrain", "--corpus", filepath.Join(dir, "none"), "--out", filepath.Join(dir, "run")}, more...)
	}
	vsim(t, args("--recipe", write(`{"pretrain":{"epoch":3}}`))...).failed(exitFailed, "r.json", "epochs")
	vsim(t, args("--recipe", write(`{"pretrain":{"batch":0}}`))...).failed(exitFailed, "pretrain.batch")
	vsim(t, args("--recipe", write(`{"pretrain":`))...).failed(exitFailed, "r.json")
	vsim(t, args("--recipe", filepath.Join(dir, "absent.json"))...).failed(exitFailed, "absent.json")
	vsim(t, args("--recipe", write(`{"pretrain":{"epochs":3}}`), "--set", "pretrain.batch=-1")...).failed(exitUsage, "pretrain.batch")
	vsim(t, args("--recipe", write(`{"pretrain":{"epochs":3}}`))...).failed(exitFailed, "none: no such folder")
	if jsonfile.Exists(filepath.Join(dir, "run")) {
		t.Error("a run directory was made")
	}
}

// TestExampleRecords: the record files that examples name can be read together.
func TestExampleRecords(t *testing.T) {
	found := 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			var files []string
			for _, word := range strings.Fields(line) {
				if strings.HasPrefix(word, "data/emoji/") && strings.HasSuffix(word, ".tfrecords") {
					list, err := filepath.Glob(filepath.Join("..", "..", "..", word))
					if err != nil || len(list) == 0 {
						t.Errorf("%s: no file, %v", word, err)
					}
					files = append(files, list...)
				}
			}
			if len(files) == 0 {
				continue
			}
			found++
			if _, err := corpus.OpenRecords(files...); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(line), err)
			}
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(cli.New(io.Discard, nil)))
	if found < 4 {
		t.Errorf("%d examples with records", found)
	}
}
