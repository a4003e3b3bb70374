// SPDX-License-Identifier: Apache-2.0

package task

import (
	"path/filepath"
	"testing"
)

// TestIdentify: a task's directory is named by its kind and key, and what is computed is part of the key.
func TestIdentify(t *testing.T) {
	a, b := &Task{Kind: Pretrain}, &Task{Kind: Pretrain}
	c := Content{Needs: []string{"0123456789abcdef"}, Computing: Computing{Backend: "cpu", Arithmetic: "1"}}
	if err := a.Identify("runs", c); err != nil {
		t.Fatal(err)
	}
	if len(a.Key) != 16 || a.Dir != filepath.Join("runs", "pretrain-"+a.Key) || len(a.Needs) != 1 {
		t.Errorf("key %q, directory %q, needs %q", a.Key, a.Dir, a.Needs)
	}
	c.Arithmetic = "2"
	if err := b.Identify("runs", c); err != nil || b.Key == a.Key {
		t.Errorf("key %s with another arithmetic, %v", b.Key, err)
	}
	if err := b.Identify("runs", Content{Work: func() {}}); err == nil {
		t.Error("content that has no JSON has a key")
	}
}
