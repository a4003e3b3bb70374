// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// TestPanic: what no one foresaw is one line too.
func TestPanic(t *testing.T) {
	a := New(panicking{}, NewConsole(ScreenOf(os.Stderr)))
	a.verb = "eval"
	err := a.execute(t.Context(), []string{"--help"}, func(a *App) *cobra.Command {
		root := &cobra.Command{Use: "vsim", Run: func(*cobra.Command, []string) {}}
		root.SetOut(a.Out)
		return root
	})
	if err == nil || err.Error() != "eval: internal error: boom" {
		t.Errorf("got %v", err)
	}
}

// TestUnprinted: a result that cannot be printed is a failure and no wrong usage, also where the writer passes over the error.
func TestUnprinted(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"sub"}} {
		a := New(fullDisk{}, NewConsole(ScreenOf(os.Stderr)))
		err := a.execute(t.Context(), args, func(a *App) *cobra.Command {
			root := &cobra.Command{Use: "vsim", SilenceErrors: true, SilenceUsage: true}
			root.AddCommand(&cobra.Command{Use: "sub", RunE: func(*cobra.Command, []string) error {
				_, err := a.Out.Write([]byte("text"))
				return err
			}})
			root.SetOut(a.Out)
			return root
		})
		if err == nil || err.Error() != "the result cannot be printed: no space left on device" {
			t.Errorf("%v: %v", args, err)
		}
		if code, _ := a.verdict(t.Context(), err); code != ExitFailed {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("boom") }
