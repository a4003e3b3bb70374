// SPDX-License-Identifier: Apache-2.0

package lock

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// OwnerSuffix ends the name of the file next to a lock that says who has it, where the file system has no flock.
const OwnerSuffix = "-owner"

// The times of an owner file. Beat is the time between two signs of life of its process, Stale is how long there must be none
// before another takes the lock over.
const (
	Beat  = 10 * time.Second
	Stale = 2 * time.Minute
)

// beats ticks every Beat until end. A variable for the tests.
var beats = func() (ticks <-chan time.Time, end func()) {
	t := time.NewTicker(Beat)
	return t.C, t.Stop
}

// owner is the content of an owner file. The time of the last sign of life is the file's own, by the clock of its file system: the
// clocks of two hosts may differ.
type owner struct {
	Host  string `json:"host"`
	PID   int    `json:"pid"`
	Boot  string `json:"boot"`  // of the host, by the kernel's random id
	Space string `json:"space"` // of pids: containers have their own
	Token string `json:"token"`
}

// ownTokens are those of the locks that this process has.
var ownTokens sync.Map

// newOwner is this process.
func newOwner() owner {
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, _ := os.Readlink("/proc/self/ns/pid")
	return owner{Host: hostname(), PID: os.Getpid(), Boot: strings.TrimSpace(string(boot)), Space: space, Token: rand.Text()}
}

func hostname() string {
	host, err := os.Hostname()
	if err != nil {
		return "an unknown host"
	}
	return host
}

// String names the process: "process 12", with its host where that is another.
func (o owner) String() string {
	switch {
	case o.PID == 0:
		return "another process"
	case o.Host == hostname():
		return fmt.Sprintf("process %d", o.PID)
	}
	return fmt.Sprintf("process %d on %s", o.PID, o.Host)
}

// dead reports whether the process is known to have ended, at once, without waiting for signs of life: it ran under this kernel and
// in this space of pids, and has none or another's.
func (o owner) dead() bool {
	here := newOwner()
	if o.PID == 0 || o.Boot == "" || o.Boot != here.Boot || o.Space != here.Space {
		return false
	}
	if o.PID == here.PID { // a pid may come back, as that of a container's first process does
		_, own := ownTokens.Load(o.Token)
		return !own
	}
	return errors.Is(syscall.Kill(o.PID, 0), syscall.ESRCH)
}

// readOwner reads an owner file and when its last sign of life was, by its file system's clock. A file without content is one whose
// process has not written it yet.
func readOwner(file string) (o owner, last time.Time, err error) {
	f, err := os.Open(file) // to open it asks a network file system for the newest times
	if err != nil {
		return o, last, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return o, last, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if json.Unmarshal(data, &o) != nil || strings.ContainsFunc(o.Token, notToken) { // it becomes a part of a file's name
		o = owner{}
	}
	return o, info.ModTime(), err
}

// notToken reports whether a token of this package has no such character.
func notToken(r rune) bool { return !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }

// clock is the time of the file system of a file.
func clock(file string) (time.Time, error) {
	probe := file + "-" + rand.Text()[:8]
	f, err := os.OpenFile(probe, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return time.Time{}, err
	}
	defer os.Remove(probe)
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// free says why the lock of an owner file may be taken over; "" where its process may be alive.
func free(file string, o owner, last time.Time) (why string, err error) {
	if o.dead() {
		return "has ended", nil
	}
	now, err := clock(file)
	if err != nil || now.Sub(last) < Stale {
		return "", err
	}
	return fmt.Sprintf("has given no sign of life for %s", now.Sub(last).Round(time.Second)), nil
}

// tryOwner takes the lock at path by its owner file.
func tryOwner(path string) (unlock func(), ok bool, err error) {
	file, mine := path+OwnerSuffix, newOwner()
	ownTokens.Store(mine.Token, true)
	defer func() {
		if !ok {
			ownTokens.Delete(mine.Token)
		}
	}()
	for range 3 { // its owner may let it go in between
		switch err := mine.write(file); {
		case err == nil:
			return mine.hold(file), true, nil
		case !errors.Is(err, fs.ErrExist):
			return func() {}, false, err
		}
		was, last, err := readOwner(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return func() {}, false, err
		}
		why, err := free(file, was, last)
		if err != nil || why == "" {
			return func() {}, false, err
		}
		if taken, err := mine.takeOver(file, was); err != nil || !taken {
			return func() {}, false, err
		}
		Warn(fmt.Sprintf("%s: its lock was that of %s, which %s; taken over", filepath.Clean(path), was, why))
		return mine.hold(file), true, nil
	}
	return func() {}, false, nil
}

// write makes an owner file; one that exists is an error.
func (o owner) write(file string) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(file)
	}
	return err
}

// takeOver replaces an owner file that is that of was. Of several processes that find it stale, only the one that makes the claim
// does: its name has the token of was.
func (o owner) takeOver(file string, was owner) (bool, error) {
	claim := file + "-after-" + was.Token
	if _, last, err := readOwner(claim); err == nil {
		if why, err := free(claim, owner{}, last); err != nil || why == "" {
			return false, err
		}
		_ = os.Remove(claim) // its process was killed on the way
	}
	if err := o.write(claim); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		return false, err
	}
	defer os.Remove(claim)
	now, _, err := readOwner(file)
	if err != nil || now != was {
		return false, nil // another process was faster
	}
	aside := file + "-" + rand.Text()[:8]
	if err := o.write(aside); err != nil {
		return false, err
	}
	return true, os.Rename(aside, file)
}

// hold gives signs of life until unlock, which removes the owner file.
func (o owner) hold(file string) (unlock func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	ticks, end := beats()
	go func() {
		defer close(stopped)
		defer end()
		for {
			select {
			case <-stop:
				return
			case <-ticks:
			}
			if now, _, err := readOwner(file); err == nil && now.Token != o.Token || errors.Is(err, fs.ErrNotExist) {
				Warn(fmt.Sprintf("%s: the lock was taken over: this process was stopped for longer than %s; stop it",
					strings.TrimSuffix(file, OwnerSuffix), Stale))
				return
			}
			_ = unix.UtimesNanoAt(unix.AT_FDCWD, file, nil, 0) // now, by the file system's clock
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
		ownTokens.Delete(o.Token)
		if now, _, err := readOwner(file); err == nil && now.Token == o.Token {
			_ = os.Remove(file)
		}
	})
}

// heldByOwner reports whether the process of path's owner file may be alive.
func heldByOwner(path string) bool {
	file := path + OwnerSuffix
	o, last, err := readOwner(file)
	if err != nil {
		return false
	}
	why, err := free(file, o, last)
	return err != nil || why == ""
}

// Holder names the process that has the lock at path by an owner file; "" where there is none.
func Holder(path string) string {
	o, _, err := readOwner(path + OwnerSuffix)
	if err != nil {
		return ""
	}
	return o.String()
}
