// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/text"
	"vsim/vsimlib/tfrecord"
)

// recordNames says in words which files of a part's folder are read; tfrecord.ParseName decides.
const recordNames = "*.tfrecords, *.tfrecord and NAME.tfrecords-NNNNN-of-NNNNN, each also with .gz"

// listing is what the folders of a corpus have.
type listing struct {
	parts   map[string][]string // part -> its record files, relative to the corpus, sorted by name
	notRead []string            // what else is in the parts' folders, and what outside them seems to have records; folders end in /
	missing []string            // shards that the names of others say there are
	empty   []string            // record files of 0 bytes
}

// list looks into the folders of a corpus; it opens no file.
func list(dir string) (*listing, error) {
	l := &listing{parts: map[string][]string{}}
	for _, part := range competition.Parts() {
		if err := l.part(dir, part); err != nil {
			return nil, err
		}
	}
	l.outside(dir)
	return l, nil
}

// part sorts the entries of a part's folder. Those that begin with a point are passed over: macOS and editors leave them.
func (l *listing) part(dir, part string) error {
	entries, err := os.ReadDir(filepath.Join(dir, part)) // not filepath.Glob: the folder's own name may hold its wildcards
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		_, isRecords := tfrecord.ParseName(name)
		switch {
		case strings.HasPrefix(name, ".") || name == competition.LabelFile:
		case e.IsDir():
			l.notRead = append(l.notRead, path.Join(part, name)+"/")
		case !isRecords:
			l.notRead = append(l.notRead, path.Join(part, name))
		default:
			l.parts[part] = append(l.parts[part], filepath.Join(part, name))
			if info, err := os.Stat(filepath.Join(dir, part, name)); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
				l.empty = append(l.empty, path.Join(part, name))
			}
		}
	}
	for _, name := range tfrecord.MissingShards(l.parts[part]) {
		l.missing = append(l.missing, path.Join(part, name))
	}
	return nil
}

// recordLike is a name that somebody may have given to a record file.
var recordLike = regexp.MustCompile(`(?i)\.tfrecords?([.-]|$)|^part-r-\d{5}|-\d{5}-of-\d{5}$`)

// checkpoint is in the names of TensorFlow's checkpoints, which are numbered like shards.
const checkpoint = ".ckpt"

// outsideMost bounds the entries outside the parts' folders that are looked at, and outsideDeep their depth.
const (
	outsideMost = 2000
	outsideDeep = 3
)

// outside finds what seems to have records outside the parts' folders: record files straight in the corpus, folders one level too
// deep or in another case. Of a folder only the first such file counts.
func (l *listing) outside(dir string) {
	seen := 0
	_ = filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		name, errRel := filepath.Rel(dir, file)
		if err != nil || errRel != nil || name == "." {
			return nil // what cannot be read has nothing to name
		}
		if seen++; seen > outsideMost {
			return filepath.SkipAll
		}
		switch name = filepath.ToSlash(name); {
		case strings.HasPrefix(e.Name(), ".") || slices.Contains(competition.Parts(), name):
			return skip(e)
		case e.IsDir() && strings.Count(name, "/") >= outsideDeep:
			return filepath.SkipDir
		case e.IsDir() || !recordLike.MatchString(e.Name()) || strings.Contains(e.Name(), checkpoint):
			return nil
		}
		if path.Dir(name) == "." {
			l.notRead = append(l.notRead, name)
			return nil
		}
		l.notRead = append(l.notRead, path.Dir(name)+"/")
		return filepath.SkipDir // the rest of this folder
	})
}

func skip(e fs.DirEntry) error {
	if e.IsDir() {
		return filepath.SkipDir
	}
	return nil
}

// NotRead returns what is in the folders of the corpus's parts and is not read, by its path in the corpus: files of other names
// than record files have, and folders, whose names end in "/". Files outside the parts' folders that seem to be records are
// listed too.
func (c *Corpus) NotRead() []string { return slices.Clone(c.files.notRead) }

// Files returns the paths of a part's record files, in the order in which they are read.
func (c *Corpus) Files(part string) []string {
	var paths []string
	for _, name := range c.files.parts[part] {
		paths = append(paths, filepath.Join(c.dir, name))
	}
	return paths
}

// Warnings returns lines for people about files that are not read, missing or empty; none where the folders have record files only.
func (c *Corpus) Warnings() []string {
	var lines []string
	for _, w := range []struct {
		what  string
		names []string
	}{
		{"not read, since record files are " + recordNames, c.files.notRead},
		{"missing, as the names of the other shards say", c.files.missing},
		{"empty record files", c.files.empty},
	} {
		if len(w.names) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s: %s", c.dir, w.what, some(w.names)))
		}
	}
	return lines
}

// some joins the first few names, and counts the others.
func some(names []string) string { return text.Few(names, 8) }
