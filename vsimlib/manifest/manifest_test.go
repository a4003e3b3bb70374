// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/outdir"
)

var kind = outdir.Kind{Name: "run", Files: []string{"a", "b/c"}}

// done is a directory of a few files with a manifest, all of a minute ago.
func done(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"a": "text of a", "b/c": "text of c", "b/d": "", "loose/m": "text of m"} {
		filetest.Write(t, filepath.Join(dir, name), text)
	}
	files, err := HashAll(dir, "a", "b/c", "b/d", "loose/m")
	if err != nil {
		t.Fatal(err)
	}
	loose := files["loose/m"]
	loose.Loose = true
	files["loose/m"] = loose
	if err := Write(dir, kind, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestManifest(t *testing.T) {
	dir := done(t)
	if err := Hold(dir); err != nil {
		t.Error(err)
	}
	if made, err := outdir.Check(dir, kind); !made || err != nil {
		t.Errorf("the directory's marker: %t, %v", made, err)
	}
	m, err := Read(dir)
	if err != nil || len(m.Files) != 4 || !m.Has("b/c") || m.Has("b") || m.Kind != "run" {
		t.Fatalf("%+v, %v", m, err)
	}
	if data, err := m.ReadFile("a"); err != nil || string(data) != "text of a" {
		t.Errorf("%q, %v", data, err)
	}
	if names, err := Names(dir, "b"); err != nil || strings.Join(names, " ") != "b/c b/d" {
		t.Errorf("%v, %v", names, err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "loose")); err != nil {
		t.Fatal(err)
	}
	if err := Hold(dir); err != nil {
		t.Errorf("without the folder of a loose file: %v", err)
	}
	if err := outdir.Take(dir, kind); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dir, t.TempDir()} {
		if _, err := Read(dir); !errors.Is(err, ErrNone) {
			t.Errorf("a directory that is not done: %v", err)
		}
	}
}

// TestAlteredManifest flips every bit of a manifest and cuts it anywhere: none is read, and none looks like a directory that is not
// done yet.
func TestAlteredManifest(t *testing.T) {
	dir := done(t)
	path := filepath.Join(dir, outdir.MarkerFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if m, err := parse(bad); err == nil || errors.Is(err, ErrNone) {
			t.Errorf("bit %d of byte %d: %+v, %v", bit%8, bit/8, m, err)
		}
	}
	for n := range len(good) - 1 {
		if _, err := parse(good[:n]); err == nil || errors.Is(err, ErrNone) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if err := os.WriteFile(path, good[:len(good)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Hold(dir); err == nil || !strings.HasPrefix(err.Error(), path+": torn or altered") {
		t.Error(err)
	}
}

// TestProblems names what is missing or altered, and reads the bytes of a file that was changed after the manifest, whatever times
// it has.
func TestProblems(t *testing.T) {
	old, later := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	for _, c := range []struct {
		name, file string
		do         func(path string) error
		want       string
	}{
		{"deleted", "b/d", os.Remove, "is missing"},
		{"a loose one", "loose/m", os.Remove, "is missing"},
		{"emptied", "a", func(path string) error { return os.WriteFile(path, nil, 0o666) }, "has 0 bytes, not the 9"},
		{"altered", "a", func(path string) error { return os.WriteFile(path, []byte("text of b"), 0o666) }, "was altered: its sha256"},
		{"altered, with an old time", "b/c", func(path string) error {
			if err := os.WriteFile(path, []byte("text of d"), 0o666); err != nil {
				return err
			}
			return os.Chtimes(path, old, old)
		}, "was altered: its sha256 begins"},
		{"a folder", "a", func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o777)) }, "is not a regular file"},
		{"touched", "a", func(path string) error { return os.Chtimes(path, time.Now(), time.Now()) }, ""},
		{"of the future", "a", func(path string) error { return os.Chtimes(path, later, later) }, ""},
	} {
		dir := done(t)
		path := filepath.Join(dir, filepath.FromSlash(c.file))
		if err := c.do(path); err != nil {
			t.Fatal(err)
		}
		m, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		for what, problems := range map[string][]Problem{"at a use": m.Check(nil), "verified": m.Verify()} {
			switch {
			case c.want == "" && len(problems) > 0:
				t.Errorf("%s, %s: %v", c.name, what, problems)
			case c.want != "" && (len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), path+": "+c.want)):
				t.Errorf("%s, %s: %v, want %q", c.name, what, problems, c.want)
			}
		}
		if others := m.Check(func(name string) bool { return name != c.file }); len(others) > 0 {
			t.Errorf("%s: %v of the others", c.name, others)
		}
	}
}

// TestTouched: where all holds, the manifest's time is set anew, so that the files are not read at the next use.
func TestTouched(t *testing.T) {
	dir := done(t)
	path := filepath.Join(dir, outdir.MarkerFile)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if err := Hold(dir); err != nil {
		t.Fatal(err)
	}
	m, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, hashed := m.check(nil, m.changed); hashed {
		t.Error("files are hashed again")
	}
}
