// SPDX-License-Identifier: Apache-2.0

// Package slurmtest starts a Slurm cluster for a test: munged, slurmctld and a slurmd a node, as plain processes of this user on
// this machine, with ports, key and state of their own. Debian's packages slurm-wlm and munge have all that it needs. Nothing
// stays behind, even where the test is killed.
package slurmtest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/proc"
)

// Required is the environment variable that makes a test fail, not skip, where Slurm is not installed.
const Required = "VSIM_REQUIRE_SLURM"

// Cluster is a running one.
type Cluster struct {
	t     *testing.T
	dir   string
	nodes []string
}

const config = `ClusterName=vsimtest
SlurmctldHost=%[1]s(127.0.0.1)
SlurmctldPort=%[2]d
SlurmUser=%[3]s
SlurmdUser=%[3]s
AuthType=auth/munge
# Slurm holds a requeued job back for as long as its credential lives, which is two minutes as it comes.
AuthInfo=socket=%[4]s/munge.sock,cred_expire=5
StateSaveLocation=%[4]s/state
SlurmdSpoolDir=%[4]s/spool-%%n
SlurmctldPidFile=%[4]s/slurmctld.pid
SlurmdPidFile=%[4]s/%%n.pid
SlurmctldLogFile=%[4]s/slurmctld.log
SlurmdLogFile=%[4]s/%%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobRequeue=1
ReturnToService=2
SlurmdTimeout=10
KillWait=5
BatchStartTimeout=1
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
`

// Start starts a cluster of N nodes of one core, and sets SLURM_CONF for the test. Without Slurm the test is skipped, or fails
// where Required is set.
func Start(t *testing.T, nodes int) *Cluster {
	t.Helper()
	for _, program := range []string{"munged", "slurmctld", "slurmd", "sbatch"} {
		if _, err := find(program); err != nil {
			if os.Getenv(Required) != "" {
				t.Fatalf("%v, and %s is set; install slurm-wlm and munge", err, Required)
			}
			t.Skipf("%v; apt-get install slurm-wlm munge for this test", err)
		}
	}
	dir, err := os.MkdirTemp("", "vsim-slurm-") // not t.TempDir: the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{t: t, dir: dir}
	t.Setenv("SLURM_CONF", c.path("slurm.conf"))
	c.reaper()
	c.configure(nodes)
	c.daemon("munged", "--foreground", "--force", "--socket="+c.path("munge.sock"), "--key-file="+c.path("munge.key"),
		"--pid-file="+c.path("munged.pid"), "--log-file="+c.path("munged.log"), "--seed-file="+c.path("munged.seed"))
	c.wait("munged", func() bool { return exec.Command("munge", "--socket="+c.path("munge.sock"), "--no-input").Run() == nil })
	c.daemon("slurmctld", "-D")
	for _, node := range c.nodes {
		c.Boot(node)
	}
	c.wait("the nodes", func() bool {
		out, _ := exec.Command("sinfo", "--noheader", "--Node", "--states=idle").Output()
		return strings.Count(string(out), "\n") == nodes
	})
	return c
}

// find looks for a program where daemons are too.
func find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	if path, err := exec.LookPath("/usr/sbin/" + program); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s is not installed", program)
}

func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

// Nodes are the names of the nodes.
func (c *Cluster) Nodes() []string { return c.nodes }

func (c *Cluster) configure(nodes int) {
	c.t.Helper()
	me, err := user.Current()
	if err != nil {
		c.t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		c.t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	ports := freePorts(c.t, nodes+1)
	text := fmt.Sprintf(config, host, ports[0], me.Username, c.dir)
	for i := range nodes {
		c.nodes = append(c.nodes, fmt.Sprintf("n%d", i+1))
		text += fmt.Sprintf("NodeName=%s NodeHostname=localhost NodeAddr=127.0.0.1 Port=%d CPUs=1\n", c.nodes[i], ports[i+1])
	}
	text += "PartitionName=all Nodes=" + strings.Join(c.nodes, ",") + " Default=YES MaxTime=INFINITE State=UP\n"
	key := make([]byte, 128)
	_, _ = rand.Read(key)
	for name, data := range map[string][]byte{"slurm.conf": []byte(text), "munge.key": key} {
		if err := os.WriteFile(c.path(name), data, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := os.Mkdir(c.path("state"), 0o700); err != nil {
		c.t.Fatal(err)
	}
}

func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at once, so that no port comes twice
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// reaper starts a shell that waits for this process to end, in whatever way, then kills all that has this cluster's SLURM_CONF in
// its environment (daemons, job steps, jobs) and removes the cluster's files. It has a session of its own.
func (c *Cluster) reaper() {
	c.t.Helper()
	const script = `cat >/dev/null
for round in 1 2 3; do
  for e in /proc/[0-9]*/environ; do
    p=${e#/proc/}; p=${p%/environ}
    [ "$p" != $$ ] && grep -qzxsF "SLURM_CONF=$0/slurm.conf" "$e" && kill -9 "$p" 2>/dev/null
  done
  sleep 0.1
done
rm -rf "$0"`
	cmd := exec.Command("/bin/sh", "-c", script, c.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	stdin, err := cmd.StdinPipe() // it closes with this process
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("the controller's log:\n%s", c.log("slurmctld.log"))
		}
		_ = stdin.Close()
		_ = cmd.Wait()
	})
}

// log is the end of a daemon's log.
func (c *Cluster) log(name string) string {
	data, _ := os.ReadFile(c.path(name))
	return string(data[max(0, len(data)-6000):])
}

// daemon starts a program in the foreground; it ends with this process.
func (c *Cluster) daemon(name string, args ...string) {
	c.t.Helper()
	path, err := find(name)
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := proc.Command(c.t.Context(), path, args...)
	cmd.Dir = c.dir
	go func() { _ = proc.Run(cmd) }() // why it ended is in its log
}

// wait waits for something to come.
func (c *Cluster) wait(what string, come func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(time.Minute); !come(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("%s did not come up; munged: %s", what, c.log("munged.log"))
		}
	}
}

// Boot starts a node's slurmd. A node that was down returns to service.
func (c *Cluster) Boot(node string) {
	c.t.Helper()
	c.daemon("slurmd", "-D", "-N", node)
}

// Kill kills a node: its slurmd, the steps on it and all that they started, with SIGKILL.
func (c *Cluster) Kill(node string) {
	c.t.Helper()
	data, err := os.ReadFile(c.path(node + ".pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		c.t.Fatal(err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for _, p := range c.on(node) {
		_ = syscall.Kill(p, syscall.SIGKILL)
	}
}

// Down tells the controller that a node is gone, which it would find by itself after half a minute.
func (c *Cluster) Down(node string) {
	c.t.Helper()
	c.Do("scontrol", "update", "NodeName="+node, "State=DOWN", "Reason=killed")
}

// Do runs one of Slurm's commands and returns what it printed.
func (c *Cluster) Do(name string, args ...string) string {
	c.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// on are the processes of jobs on a node: what Slurm started has the node's name in its environment, and a step's own daemon the
// log.
func (c *Cluster) on(node string) (pids []int) {
	conf, name := "SLURM_CONF="+c.path("slurm.conf"), "SLURMD_NODENAME="+node
	for _, p := range c.processes(conf) {
		if hasEnv(p, name) || hasOpen(p, c.path(node+".log")) {
			pids = append(pids, p)
		}
	}
	return pids
}

// Steps are the processes of a command that run as part of a job, by what their command line holds.
func (c *Cluster) Steps(holds string) (pids []int) {
	for _, p := range c.processes("SLURM_CONF=" + c.path("slurm.conf")) {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p))
		if bytes.Contains(bytes.ReplaceAll(line, []byte{0}, []byte{' '}), []byte(holds)) {
			pids = append(pids, p)
		}
	}
	return pids
}

// processes are all others that have a variable in their environment.
func (c *Cluster) processes(variable string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
		if pid != os.Getpid() && hasEnv(pid, variable) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func hasEnv(pid int, variable string) bool {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	for _, v := range bytes.Split(data, []byte{0}) {
		if string(v) == variable {
			return true
		}
	}
	return false
}

func hasOpen(pid int, file string) bool {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if to, _ := os.Readlink(link); to == file {
			return true
		}
	}
	return false
}
