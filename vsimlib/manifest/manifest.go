// SPDX-License-Identifier: Apache-2.0

// Package manifest says when a directory that vsim wrote is done, and names what is missing or altered in one that was.
//
// # The file
//
// The manifest is in the directory's marker, vsim.json (package outdir). While a directory is being written the marker has only its
// kind and version; the manifest is added last, with a rename, once all else is written and synced:
//
//	{
//	  "kind": "run",
//	  "version": 1,
//	  "files": {
//	    "model/vocab.txt": {"size": 92, "sha256": "…"},
//	    …
//	  },
//	  "sum": "…"            sha256 of all before this line
//	}
//
// A directory that is made as a whole, a corpus or an imported model, has a second marker, .vsim.json, which the manifest lists.
// Where it is, a lost manifest is an error: else the directory would look like a user's own, which needs none.
//
// Such a directory also has an [Origin], between version and files: what it was made from. The command that made it is done where
// it is called again with the same.
//
// Other keys between version and sum are passed over, so that later versions can add some; an altered byte shows in the sum.
//
// # What is done
//
//	run      recipe.json, identity.json, metrics.jsonl, result.json, the files of model/, and the manifests of checkpoints (package
//	         checkpoint), each of which may be removed
//	task     of a study: task.json, result.json, an embeddings file; its run or corpus is a directory with a manifest of its own
//	corpus   that vsim generated: all files. A corpus of the user's has no manifest and is not looked at.
//	model    that vsim imported: all files. The model of a run is checked with the run's manifest.
//
// An embeddings file by itself, an ensemble's too, appears whole and has checksums in its metadata (package safetensors); a
// submission is a zip with its own.
//
// # When it is checked
//
//   - At every use of the directory: that every file is there, in its size, and was not changed since the manifest was written.
//     A file that was (a copied directory, a touched file) is read and hashed; where all hold, the manifest's own time is set anew,
//     so that the next use need not read them.
//   - When a verb reads a file: its bytes. Small files are hashed as they are read; weights and embeddings carry checksums, which
//     are computed while they are read; records have a checksum each.
//   - All bytes, when asked: vsim runs verify.
//
// What does not hold is a [Problem], which names the file. A run makes it again from its last checkpoint, a task of a study from
// what its run has; a corpus or an imported model is refused.
//
// # Older versions
//
// A run or task with a result and no manifest was finished by an older version, or stopped between the two. Its files are taken as
// they are, where the model can be loaded, once, with a line that says so; then it has a manifest.
package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/outdir"
)

// Manifest lists what a directory holds.
type Manifest struct {
	Kind    string          `json:"kind"`
	Version int             `json:"version"`
	Origin  *Origin         `json:"origin,omitempty"`
	Files   map[string]File `json:"files"` // by path below the directory, with slashes

	dir      string
	modified int64 // time of the file
}

// File is what a file must be.
type File struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Loose  bool   `json:"loose,omitempty"` // its folder may be removed as a whole
}

// version is that of the markers of package outdir.
const version = 1

// ErrNone is the error of Read for a directory without a manifest: it is not done, or was made by an older version.
var ErrNone = errors.New("has no manifest")

// maxManifest bounds what is read of a manifest; a corpus of a thousand shards needs 120 KB.
const maxManifest = 64 << 20

var sumRule = regexp.MustCompile(`,\n  "sum": "([0-9a-f]{64})"\n}\n$`)

// Write writes the manifest of files into dir, which is done from then on.
func Write(dir string, kind outdir.Kind, files map[string]File) error {
	return write(dir, kind, nil, files)
}

func write(dir string, kind outdir.Kind, origin *Origin, files map[string]File) error {
	body, err := json.MarshalIndent(Manifest{Kind: kind.Name, Version: version, Origin: origin, Files: files}, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: no manifest: %w", dir, err)
	}
	body = bytes.TrimSuffix(body, []byte("\n}"))
	sum := sha256.Sum256(body)
	body = fmt.Appendf(body, ",\n  \"sum\": \"%s\"\n}\n", hex.EncodeToString(sum[:]))
	return atomicfile.WriteData(filepath.Join(dir, outdir.MarkerFile), body)
}

// Read reads the manifest of dir and checks it against itself. errors.Is finds ErrNone where there is none.
func Read(dir string) (*Manifest, error) {
	path := filepath.Join(dir, outdir.MarkerFile)
	f, err := filetype.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if outdir.Due(dir) {
			return nil, fmt.Errorf("%s: is missing, and %s says that vsim wrote the directory", path, outdir.DueFile)
		}
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	m, err := parse(data)
	if errors.Is(err, ErrNone) && outdir.Due(dir) {
		return nil, fmt.Errorf("%s: has no files: the command that wrote the directory was stopped", path)
	}
	if errors.Is(err, ErrNone) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m.dir, m.modified = dir, info.ModTime().UnixNano()
	return m, nil
}

// errAltered is the error of a manifest that is not as it was written.
var errAltered = errors.New("torn or altered since it was written")

// parse decodes a manifest whose sum holds.
func parse(data []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, errAltered
	}
	found := sumRule.FindSubmatchIndex(data)
	switch {
	case found == nil && bare(data):
		return nil, ErrNone
	case found == nil:
		return nil, errAltered
	}
	sum := sha256.Sum256(data[:found[0]])
	if hex.EncodeToString(sum[:]) != string(data[found[2]:found[3]]) || m.Files == nil {
		return nil, errAltered
	}
	if m.Version != version {
		return nil, fmt.Errorf("is of version %d, this vsim knows %d", m.Version, version)
	}
	for name := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("lists %q, which is not in the directory", name)
		}
	}
	return &m, nil
}

// bare reports whether data is a marker of a directory that is not done: nothing of a manifest is in it.
func bare(data []byte) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(data, &keys) != nil {
		return false
	}
	_, kind := keys["kind"]
	_, version := keys["version"]
	return len(keys) == 2 && kind && version
}

// Dir is the directory that the manifest was read from.
func (m *Manifest) Dir() string { return m.dir }
