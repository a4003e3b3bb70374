// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These tests hold docker/ to its rules by its text; docker/prove builds and runs it.

const repository = "../../.."

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// instruction is one of a Dockerfile, on one line.
type instruction struct{ name, args string }

// instructions reads a Dockerfile: comments left out, lines joined that end with a backslash.
func instructions(file string) []instruction {
	var list []instruction
	joined := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if more, ok := strings.CutSuffix(line, "\\"); ok {
			joined += more
			continue
		}
		name, args, _ := strings.Cut(joined+line, " ")
		list, joined = append(list, instruction{strings.ToUpper(name), strings.TrimSpace(args)}), ""
	}
	return list
}

var (
	pinned   = regexp.MustCompile(`^[\w./-]+:([\w.-]+)@sha256:[0-9a-f]{64}$`)
	piped    = regexp.MustCompile(`\|\s*(sudo\s+)?(ba|da|z)?sh\b`)
	fetches  = regexp.MustCompile(`\b(curl|wget|git clone)\b`)
	variable = regexp.MustCompile(`\$\{?(\w+)\}?`)
	goLine   = regexp.MustCompile(`(?m)^go (\S+)$`)
)

// faults says what of a Dockerfile is against the rules; gomod is the text of go.mod.
func faults(dockerfile, gomod string) []string {
	var found []string
	fault := func(what, args string) { found = append(found, what+": "+args) }
	settings, stages, golang, user, health := map[string]string{}, map[string]bool{}, "", "", false
	value := func(s string) string {
		return variable.ReplaceAllStringFunc(s, func(name string) string { return settings[variable.FindStringSubmatch(name)[1]] })
	}
	for _, in := range instructions(dockerfile) {
		switch in.name {
		case "ARG":
			for _, one := range strings.Fields(in.args) {
				if name, is, ok := strings.Cut(one, "="); ok {
					settings[name] = is
				}
			}
		case "FROM":
			fields := strings.Fields(value(in.args))
			from, match := fields[0], pinned.FindStringSubmatch(fields[0])
			if !stages[from] {
				user = "root"
				if match == nil {
					fault("base image without a digest", from)
				}
			}
			if match != nil && strings.Contains(from, "/golang:") {
				golang, _, _ = strings.Cut(match[1], "-")
			}
			if len(fields) == 3 {
				stages[fields[2]] = true
			}
		case "ADD":
			fault("ADD, where COPY does", in.args)
		case "COPY":
			if from, ok := strings.CutPrefix(in.args, "--from="); ok && !stages[strings.Fields(from)[0]] {
				fault("COPY from what is no stage", in.args)
			}
		case "RUN":
			if piped.MatchString(in.args) || fetches.MatchString(in.args) {
				fault("fetches what nothing checks", in.args)
			}
			if strings.Contains(in.args, "pip install") && !strings.Contains(in.args, "--require-hashes") {
				fault("pip without --require-hashes", in.args)
			}
		case "USER":
			user = value(in.args)
		case "HEALTHCHECK":
			health = true
		}
	}
	if name, _, _ := strings.Cut(user, ":"); name == "root" || name == "0" || name == "" {
		fault("ends as root", user)
	}
	if want := goLine.FindStringSubmatch(gomod); want == nil || golang != want[1] {
		fault("Go is not that of go.mod", golang)
	}
	if !health {
		fault("no HEALTHCHECK", "")
	}
	return found
}

// TestDockerfile: bases by digest, Go as in go.mod, not root, nothing fetched unchecked; and each rule can fail.
func TestDockerfile(t *testing.T) {
	file, gomod := readText(t, "docker/Dockerfile"), readText(t, "go.mod")
	for _, fault := range faults(file, gomod) {
		t.Error(fault)
	}
	for old, replaced := range map[string]string{
		"@sha256:a99cfc":   "@sha256:a99",
		"golang:1.26":      "golang:1.25",
		"--require-hashes": "",
		"USER ${UID}":      "USER 0",
		"HEALTHCHECK":      "LABEL",
		"COPY --from=go":   "COPY --from=docker.io/library/golang:latest",
		"apt-get update":   "wget -O - https://example.org/install | sh",
	} {
		if broken := strings.Replace(file, old, replaced, 1); broken == file || len(faults(broken, gomod)) == 0 {
			t.Errorf("nothing is wrong with %q in place of %q", replaced, old)
		}
	}
}

// TestDockerInstall: the layer that installs Jupyter and the plugin has the packages it is built of, and no other.
func TestDockerInstall(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "./docker/install")
	list.Dir = repository
	o := finish(t, list).ended(exitDone)
	var needs, has []string
	for line := range strings.Lines(o.out) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "vsim/"); ok {
			needs = append(needs, name)
		}
	}
	for _, in := range instructions(readText(t, "docker/Dockerfile")) {
		if fields := strings.Fields(in.args); in.name == "COPY" && len(fields) == 3 && fields[0] == "--chown=vsim:vsim" &&
			fields[1] == fields[2] && fields[1] != "." {
			has = append(has, fields[1])
		}
	}
	slices.Sort(needs)
	slices.Sort(has)
	if !slices.Equal(needs, has) || len(needs) == 0 {
		t.Errorf("built of %v, copied %v", needs, has)
	}
}

// TestDockerLock: the CUDA wheels are pinned, each with checksums.
func TestDockerLock(t *testing.T) {
	lock := readText(t, "docker/cuda.txt")
	one := regexp.MustCompile(`^[\w-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+$`)
	names := 0
	for _, in := range instructions(lock) {
		line := strings.Join(strings.Fields(in.name+" "+in.args), " ")
		if line = strings.ToLower(line); !one.MatchString(line) {
			t.Errorf("not pinned with checksums: %s", line)
		}
		names++
	}
	if !strings.Contains(lock, "\njax-cuda13-pjrt==") || names < 10 {
		t.Errorf("%d packages, the plugin among them: %t", names, strings.Contains(lock, "jax-cuda13-pjrt"))
	}
}

// TestCompose: ports are for this machine only, the corpus is read-only, capabilities are dropped, and both images are built here.
func TestCompose(t *testing.T) {
	file := readText(t, "docker/compose.yaml")
	published := regexp.MustCompile(`"?([^"\s]*):8888"?\s*$`)
	ports := 0
	for line := range strings.Lines(file) {
		if match := published.FindStringSubmatch(line); match != nil && strings.HasPrefix(strings.TrimSpace(line), "- ") {
			ports++
			if !strings.HasPrefix(match[1], "127.0.0.1:") {
				t.Errorf("published beyond this machine: %s", line)
			}
		}
	}
	if ports != 1 || strings.Count(file, "ports:") != 1 {
		t.Errorf("%d ports looked at, %d lists of ports", ports, strings.Count(file, "ports:"))
	}
	for _, line := range []string{":/corpus:ro\n", "cap_drop: [ALL]", "no-new-privileges:true", "network_mode: none", "DEVICE: cpu",
		"DEVICE: cuda"} {
		if !strings.Contains(file, line) {
			t.Errorf("no %q", strings.TrimSpace(line))
		}
	}
	for _, never := range []string{"privileged: true", "network_mode: host", "token", "docker.sock", "0.0.0.0:"} {
		if code := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(file, ""); strings.Contains(code, never) {
			t.Errorf("has %q", never)
		}
	}
}

// TestDockerIgnore: only what is named goes in, and all that is named is there.
func TestDockerIgnore(t *testing.T) {
	var lines []string
	for line := range strings.Lines(readText(t, ".dockerignore")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if lines[0] != "*" || !slices.Contains(lines, "data/runs") {
		t.Errorf("begins with %q; runs left out: %t", lines[0], slices.Contains(lines, "data/runs"))
	}
	for _, line := range lines {
		if name, ok := strings.CutPrefix(line, "!"); ok {
			if _, err := os.Stat(filepath.Join(repository, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestDockerProveUsage: wrong usage is reported before anything is made.
func TestDockerProveUsage(t *testing.T) {
	prove := filepath.Join(repository, "docker", "prove")
	finish(t, exec.Command(prove)).failedPlainly(exitUsage, "--dir is missing")
	finish(t, exec.Command(prove, "--dir", t.TempDir(), "--device", "tpu")).failedPlainly(exitUsage, "--device tpu is neither")
	finish(t, exec.Command(prove, "--fast")).failedPlainly(exitUsage, "unknown argument --fast")
	finish(t, exec.Command(prove, "--help")).ended(exitDone)
}
