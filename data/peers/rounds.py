# SPDX-License-Identifier: Apache-2.0
"""Runs commands in alternation and prints best and median of each over the rounds: videos per second as the command's last line
says, and processor seconds of the whole command. The first command is the one that the others are compared with.

  python3 rounds.py ROUNDS COMMAND COMMAND...
"""
import json
import os
import resource
import statistics
import subprocess
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads of OpenMP leave the processor to the others


def run(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"rounds.py: {command}: {done.stderr.strip().splitlines()[-1]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    speed = json.loads(done.stdout.strip().splitlines()[-1])["videos_per_s"]
    return speed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    rounds, commands = int(sys.argv[1]), sys.argv[2:]
    results = [[] for _ in commands]
    for _ in range(rounds):
        for command, list_ in zip(commands, results):
            list_.append(run(command))
            print(f"{list_[-1][0]:8.1f} videos/s, {list_[-1][1]:7.1f} s of processors: {command}", file=sys.stderr, flush=True)
    first = results[0]
    for command, list_ in zip(commands, results):
        best, median = max(r[0] for r in list_), statistics.median(r[0] for r in list_)
        cpu = min(r[1] for r in list_)
        ratio, middle = max(r[0] for r in first) / best, statistics.median(r[0] for r in first) / median
        print(f"best {best:8.1f} videos/s (the first is {ratio:.2f} times as fast), median {median:8.1f} ({middle:.2f}), "
              f"least CPU {cpu:7.1f} s ({cpu / min(r[1] for r in first):.2f}): {command}")


if __name__ == "__main__":
    main()
