// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestToInterrupt(t *testing.T) {
	table := []process{
		{1, 0, "init"}, {5, 1, "vsim"}, {10, 5, "gonb"}, {11, 10, "gopls"}, {12, 11, "go"},
		{20, 10, "go"}, {21, 20, "compile"}, {22, 20, "cgo"}, {23, 22, "gcc"}, {30, 10, "goimports"},
		{40, 10, "gonb_1a2b"}, {41, 40, "vsim"}, {50, 10, "bash"},
		{51, 50, "sleep"}, {52, 51, "go"},
		{60, 1, "go"}, {61, 60, "compile"}, {70, 70, "loop"},
	}
	got := toInterrupt(table, 10)
	slices.Sort(got)
	if want := []int{20, 21, 22, 23, 30, 51, 52}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := toInterrupt([]process{{1, 2, "a"}, {2, 1, "b"}, {10, 1, "gonb"}, {1, 10, "sh"}}, 10); len(got) > 4 {
		t.Errorf("a loop of parents: %v", got)
	}
}

// TestProcesses finds this process and a child of it.
func TestProcesses(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	table := processes()
	at := slices.IndexFunc(table, func(p process) bool { return p.pid == cmd.Process.Pid })
	if at < 0 || table[at].parent != os.Getpid() {
		t.Errorf("process %d of %d is not among %d", cmd.Process.Pid, os.Getpid(), len(table))
	}
}
