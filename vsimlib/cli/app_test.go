// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
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

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("boom") }
