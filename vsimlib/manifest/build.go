// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/lock"
	"vsim/vsimlib/outdir"
)

// A directory appears whole: it is made aside, in the folder that it is to be in, and renamed. Names that begin so are of
// directories that are being made, and of ones that were replaced and are being removed.
const (
	partPrefix = atomicfile.Prefix + "dir-"
	oldPrefix  = atomicfile.Prefix + "old-"
)

// Build makes a directory of a kind at dir, or with force replaces such a one there: fill writes its files into a directory aside,
// which gets its manifest and then the name. A process that is killed leaves what was at dir before, and a directory aside that the
// next Build there removes. Files at dir that vsim did not write stay there.
func Build(dir string, kind outdir.Kind, force bool, fill func(aside string) error) error {
	return BuildFrom(dir, kind, force, func(aside string) (*Origin, error) { return nil, fill(aside) })
}

// BuildFrom is Build where fill also returns what the directory was made from.
func BuildFrom(dir string, kind outdir.Kind, force bool, fill func(aside string) (*Origin, error)) error {
	asked := dir
	dir, err := place(dir)
	if err != nil {
		return err
	}
	if err := sweep(dir, kind); err != nil {
		return err
	}
	aside, release, err := makeAside(dir)
	if err != nil {
		return err
	}
	defer release()
	err = fillAside(aside, kind, fill)
	if err == nil {
		err = publish(aside, dir, kind, force)
	}
	if err != nil {
		_ = discard(aside, dir, kind)
		return inPlace{err, strings.NewReplacer(aside, asked, dir, asked).Replace(err.Error())}
	}
	return nil
}

// inPlace is an error that names files by the paths that they were to have.
type inPlace struct {
	error
	text string
}

func (e inPlace) Error() string { return e.text }

func (e inPlace) Unwrap() error { return e.error }

// place follows links to the directory and makes the folder that it is to be in.
func place(dir string) (string, error) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return dir, fmt.Errorf("%s: %w", dir, err)
	}
	if err := atomicfile.MkdirAll(filepath.Dir(dir)); err != nil {
		return dir, fmt.Errorf("%s: cannot be made: %w", dir, atomicfile.Cause(err))
	}
	return dir, nil
}

// makeAside makes a directory next to dir, or inside it where it is a file system of its own or its folder cannot be written to. It
// stays locked until release, so that another process sees that its maker is alive.
func makeAside(dir string) (aside string, release func(), err error) {
	name := partPrefix + filepath.Base(dir) + "-" + rand.Text()[:8]
	aside = filepath.Join(filepath.Dir(dir), name)
	if mounted(dir) || unix.Access(filepath.Dir(dir), unix.W_OK) != nil {
		aside = filepath.Join(dir, name)
	}
	if err := os.Mkdir(aside, 0o777); err != nil {
		return "", nil, fmt.Errorf("%s: cannot be made: %w", dir, atomicfile.Cause(err))
	}
	release, _, _ = lock.Try(aside) // where it cannot be locked, two that make dir at once are not kept apart
	if release == nil {
		release = func() {}
	}
	return aside, release, nil
}

// mounted reports whether dir is on another file system than the folder that it is in.
func mounted(dir string) bool {
	var own, parent unix.Stat_t
	return unix.Stat(dir, &own) == nil && unix.Stat(filepath.Dir(dir), &parent) == nil && own.Dev != parent.Dev
}

// fillAside writes the files and the manifest of them.
func fillAside(aside string, kind outdir.Kind, fill func(aside string) (*Origin, error)) error {
	if err := outdir.TakeWhole(aside, kind); err != nil {
		return err
	}
	origin, err := fill(aside)
	if err != nil {
		return err
	}
	names, err := Names(aside, ".")
	if err != nil {
		return err
	}
	files, err := HashAll(aside, names...)
	if err != nil {
		return err
	}
	return write(aside, kind, origin, files)
}

// publish gives the directory aside its name.
func publish(aside, dir string, kind outdir.Kind, force bool) error {
	switch made, err := outdir.Check(dir, kind); { // another process may have made it
	case err != nil:
		return err
	case made && !force:
		return fmt.Errorf("%s: exists; --force overwrites it", dir)
	}
	fail := func(err error) error { return fmt.Errorf("%s: not written: %w", dir, atomicfile.Cause(err)) }
	if filepath.Dir(aside) == dir {
		return moveIn(aside, dir, kind)
	}
	switch err := os.Remove(dir); { // where it is empty
	case err == nil, errors.Is(err, fs.ErrNotExist):
		if err := atomicfile.Rename(aside, dir); err != nil {
			return fail(err)
		}
	default:
		old := filepath.Join(filepath.Dir(dir), oldPrefix+filepath.Base(dir))
		if err := swap(aside, dir, old); err != nil {
			return fail(err)
		}
		if err := discard(old, dir, kind); err != nil {
			return err
		}
	}
	if err := atomicfile.SyncDir(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("%s: written, but its folder cannot be synced: %w", dir, atomicfile.Cause(err))
	}
	return nil
}

// swap gives aside the name dir and what had it the name old; at once where the file system can.
func swap(aside, dir, old string) error {
	if err := atomicfile.Exchange(aside, dir); err == nil {
		return atomicfile.Rename(aside, old)
	}
	if err := atomicfile.Rename(dir, old); err != nil {
		return err
	}
	if err := atomicfile.Rename(aside, dir); err != nil {
		_ = atomicfile.Rename(old, dir)
		return err
	}
	return nil
}

// discard removes a directory aside, or one that was replaced: what vsim wrote. All else goes back to dir.
func discard(old, dir string, kind outdir.Kind) error {
	if err := outdir.Clear(old, kind); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(old, outdir.MarkerFile)); err != nil {
		return fmt.Errorf("%s: cannot be removed: %w", old, atomicfile.Cause(err))
	}
	_ = os.Remove(filepath.Join(old, outdir.DueFile))
	_ = os.Remove(filepath.Join(old, outdir.LockFile))
	_ = os.Remove(filepath.Join(old, outdir.OwnerFile))
	entries, err := os.ReadDir(old)
	if err != nil {
		return fmt.Errorf("%s: %w", old, atomicfile.Cause(err))
	}
	// Folders that vsim made and did not come to fill.
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return e.IsDir() && os.Remove(filepath.Join(old, e.Name())) == nil
	})
	for _, e := range entries {
		from, to := filepath.Join(old, e.Name()), filepath.Join(dir, e.Name())
		if err := restore(from, to); err != nil {
			return fmt.Errorf("%s: cannot be moved back to %s: %w", from, to, atomicfile.Cause(err))
		}
	}
	if err := os.Remove(old); err != nil {
		return fmt.Errorf("%s: cannot be removed: %w", old, atomicfile.Cause(err))
	}
	return nil
}

// restore moves a user's file, or a folder with such files into one of the same name, and overwrites nothing.
func restore(from, to string) error {
	info, err := os.Lstat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return atomicfile.Rename(from, to)
	}
	entries, listed := os.ReadDir(from)
	if err != nil || listed != nil || !info.IsDir() {
		return fs.ErrExist
	}
	for _, e := range entries {
		if err := restore(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return os.Remove(from)
}

// moveIn moves the files of a directory inside dir up to it, the manifest last. A process that is killed on the way leaves a
// directory that is not done.
func moveIn(aside, dir string, kind outdir.Kind) error {
	if err := outdir.Clear(dir, kind); err != nil {
		return err
	}
	if err := outdir.TakeWhole(dir, kind); err != nil {
		return err
	}
	entries, err := os.ReadDir(aside)
	if err != nil {
		return fmt.Errorf("%s: %w", aside, atomicfile.Cause(err))
	}
	for _, e := range entries {
		if e.Name() != outdir.MarkerFile && e.Name() != outdir.DueFile {
			if err := restore(filepath.Join(aside, e.Name()), filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("%s: not written: %w", filepath.Join(dir, e.Name()), atomicfile.Cause(err))
			}
		}
	}
	if err := atomicfile.Rename(filepath.Join(aside, outdir.MarkerFile), filepath.Join(dir, outdir.MarkerFile)); err != nil {
		return fmt.Errorf("%s: not written: %w", dir, atomicfile.Cause(err))
	}
	_ = os.Remove(filepath.Join(aside, outdir.DueFile))
	_ = os.Remove(aside)
	if err := atomicfile.SyncDir(dir); err != nil {
		return fmt.Errorf("%s: written, but cannot be synced: %w", dir, atomicfile.Cause(err))
	}
	return nil
}

// sweep removes the directories aside that killed processes left of dir, and brings back one that was being replaced.
func sweep(dir string, kind outdir.Kind) error {
	base := filepath.Base(dir)
	old := filepath.Join(filepath.Dir(dir), oldPrefix+base)
	if _, err := os.Lstat(old); err == nil {
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			if err := atomicfile.Rename(old, dir); err != nil {
				return fmt.Errorf("%s: cannot be taken back: %w", old, atomicfile.Cause(err))
			}
		} else if err := discard(old, dir, kind); err != nil {
			return err
		}
	}
	for _, folder := range []string{filepath.Dir(dir), dir} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			rest, ours := strings.CutPrefix(e.Name(), partPrefix+base+"-")
			if ours && len(rest) == 8 && e.IsDir() && !lock.Held(path) {
				_ = discard(path, dir, kind) // it may be what was replaced; what stays does no harm
				_ = os.Remove(path + lock.OwnerSuffix)
			}
		}
	}
	return nil
}
