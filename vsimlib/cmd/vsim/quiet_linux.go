// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

/*
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int kept = -1; // stderr, while it is silent

// go-xla looks for the home directory while its package is initialised, before any of ours, and logs to stderr where HOME is unset.
// vsim needs no home directory, and says by itself what it cannot keep. So without HOME stderr is silent from here until all
// packages are initialised.
__attribute__((constructor)) static void silence(void) {
	const char *home = getenv("HOME");
	if (home != NULL && *home != '\0')
		return;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0)
		return;
	kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (kept >= 0)
		dup2(null, STDERR_FILENO);
	close(null);
}

static void speak(void) {
	if (kept < 0)
		return;
	dup2(kept, STDERR_FILENO);
	close(kept);
	kept = -1;
}
*/
import "C"

func init() { C.speak() }
