// SPDX-License-Identifier: Apache-2.0

// A PJRT plugin that records programs. By its file name go-xla takes it for a CUDA plugin, so vsim builds the very StableHLO that
// it builds for a GPU: precisions, TF32 and all. The programs run on the CPU plugin behind it, and each one that is to be compiled
// is written to a folder first, together with its compile options.
//
//   VSIM_AOT_CPU_PLUGIN  the CPU plugin
//   VSIM_AOT_DIR         the folder: NNN.mlir and NNN.options, by the order of compiling
//   VSIM_AOT_STOP        end the process with exit code 42 once a program of that many products or more is written. A program of
//                        BERT-large would take the CPU minutes to compile and more memory than there may be to run.
//
// What it needs from the outside and does not get ends the process with one line: a check that misses programs would be green for
// nothing.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pjrt_c_api.h"

enum { STOPPED = 42 };

static const PJRT_Api *cpu;  // the plugin behind this one
static PJRT_Api api;         // its table of functions, but for two

static void die(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("gpu-aot: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  _exit(1);  // not exit: Go's runtime and the plugin's threads are under way
}

// required is an environment variable that must be set.
static const char *required(const char *name) {
  const char *value = getenv(name);
  if (!value || !*value) die("%s is not set", name);
  return value;
}

// record writes one file of a program.
static void record(const char *dir, int number, const char *extension, const char *data, size_t size) {
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%03d.%s", dir, number, extension) >= (int)sizeof path) die("%s: the path is too long", dir);
  FILE *file = fopen(path, "wb");
  if (!file) die("%s: %s", path, strerror(errno));
  int short_of = size && fwrite(data, 1, size, file) != size;
  if (fclose(file) || short_of) die("%s: cannot be written: %s", path, strerror(errno));
}

// products counts the dot_general of a program in MLIR's text.
static int products(const char *code, size_t size) {
  static const char name[] = "stablehlo.dot_general";
  int count = 0;
  const char *end = code + size;
  for (const char *at = code; (at = memmem(at, end - at, name, sizeof name - 1)); at++) count++;
  return count;
}

static PJRT_Error *compile(PJRT_Client_Compile_Args *args) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static int number;
  const char *dir = required("VSIM_AOT_DIR"), *stop = getenv("VSIM_AOT_STOP");
  pthread_mutex_lock(&lock);
  record(dir, number, "options", args->compile_options, args->compile_options_size);
  record(dir, number, "mlir", args->program->code, args->program->code_size);
  number++;
  if (stop && products(args->program->code, args->program->code_size) >= atoi(stop)) _exit(STOPPED);
  pthread_mutex_unlock(&lock);
  return cpu->PJRT_Client_Compile(args);
}

// create_client leaves out the options, which are a GPU's, as preallocate; the CPU plugin refuses names that it does not know.
static PJRT_Error *create_client(PJRT_Client_Create_Args *args) {
  args->num_options = 0;
  return cpu->PJRT_Client_Create(args);
}

const PJRT_Api *GetPjrtApi(void) {
  if (cpu) return &api;
  const char *path = required("VSIM_AOT_CPU_PLUGIN");
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) die("%s", dlerror());
  const PJRT_Api *(*get)(void) = (const PJRT_Api *(*)(void))dlsym(library, "GetPjrtApi");
  if (!get) die("%s: %s", path, dlerror());
  cpu = get();
  // The plugin may be newer than the header and know more functions, or older and know fewer: the table says how long it is.
  size_t size = cpu->struct_size < sizeof api ? cpu->struct_size : sizeof api;
  memcpy(&api, cpu, size);
  api.struct_size = size;
  api.PJRT_Client_Create = create_client;
  api.PJRT_Client_Compile = compile;
  return &api;
}
