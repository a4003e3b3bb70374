// SPDX-License-Identifier: Apache-2.0

// aotc compiles a StableHLO program for an absent GPU, by the PJRT C API alone:
//
//   aotc PLUGIN TARGET TOPOLOGY PROGRAM OPTIONS OUT
//
// PLUGIN is XLA's CUDA plugin, TARGET a text of xla.GpuTargetConfigProto with the facts of the card, TOPOLOGY as 1x1x2 (slices,
// hosts, devices of a host), PROGRAM MLIR's text, OPTIONS a serialised xla.CompileOptionsProto. OUT gets the optimised program as
// an HloModuleProtoWithConfig. One JSON object on stdout has the processor time and the memory that the compiler plans; a failure
// is one line on stderr and exit code 1. One process compiles one program: XLA may abort, and what is allocated here ends with the
// process.

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "pjrt_c_api.h"

static const PJRT_Api *api;

// check ends the process with the plugin's own words where it failed.
static void check(PJRT_Error *error, const char *what) {
  if (!error) return;
  PJRT_Error_Message_Args message = {.struct_size = PJRT_Error_Message_Args_STRUCT_SIZE, .error = error};
  api->PJRT_Error_Message(&message);
  fprintf(stderr, "aotc: %s: %.*s\n", what, (int)message.message_size, message.message);
  exit(1);
}

static void fail(const char *path, const char *why) {
  fprintf(stderr, "aotc: %s: %s\n", path, why);
  exit(1);
}

// load reads a whole file.
static char *load(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  long end = -1;
  if (file && !fseek(file, 0, SEEK_END)) end = ftell(file);
  if (end < 0 || fseek(file, 0, SEEK_SET)) fail(path, strerror(errno));
  *size = (size_t)end;
  char *data = malloc(*size + 1);
  if (!data) fail(path, "no memory to read it");
  if (fread(data, 1, *size, file) != *size) fail(path, "cannot be read whole");
  fclose(file);
  return data;
}

static void open_plugin(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(path, dlerror());
  const PJRT_Api *(*get)(void) = (const PJRT_Api *(*)(void))dlsym(library, "GetPjrtApi");
  if (!get) fail(path, "is no PJRT plugin");
  api = get();
  PJRT_Plugin_Initialize_Args start = {.struct_size = PJRT_Plugin_Initialize_Args_STRUCT_SIZE};
  check(api->PJRT_Plugin_Initialize(&start), "starting the plugin");
}

static PJRT_NamedValue text(const char *name, const char *value, size_t size) {
  return (PJRT_NamedValue){.struct_size = PJRT_NamedValue_STRUCT_SIZE, .name = name, .name_size = strlen(name),
                           .type = PJRT_NamedValue_kString, .string_value = value, .value_size = size};
}

// devices describes the absent card, of which the plugin needs no driver.
static PJRT_TopologyDescription *devices(const char *target, const char *topology) {
  size_t size;
  const char *config = load(target, &size);
  PJRT_NamedValue options[] = {text("target_config", config, size), text("topology", topology, strlen(topology))};
  PJRT_TopologyDescription_Create_Args args = {.struct_size = PJRT_TopologyDescription_Create_Args_STRUCT_SIZE, .topology_name = "",
                                               .create_options = options, .num_options = 2};
  check(api->PJRT_TopologyDescription_Create(&args), target);
  return args.topology;
}

static PJRT_Executable *compile(const PJRT_TopologyDescription *topology, const char *program, const char *options) {
  PJRT_Program code = {.struct_size = PJRT_Program_STRUCT_SIZE, .format = "mlir", .format_size = 4};
  code.code = load(program, &code.code_size);
  PJRT_Compile_Args args = {.struct_size = PJRT_Compile_Args_STRUCT_SIZE, .topology = topology, .program = &code};
  args.compile_options = load(options, &args.compile_options_size);
  check(api->PJRT_Compile(&args), "compiling");
  return args.executable;
}

// save writes the optimised program. The first call says how long it is, the second fills the buffer.
static void save(PJRT_Executable *executable, const char *path) {
  PJRT_Program code = {.struct_size = PJRT_Program_STRUCT_SIZE};
  PJRT_Executable_OptimizedProgram_Args args = {.struct_size = PJRT_Executable_OptimizedProgram_Args_STRUCT_SIZE,
                                                .executable = executable, .program = &code};
  check(api->PJRT_Executable_OptimizedProgram(&args), "sizing the optimised program");
  static const char wanted[] = "hlo_with_config";
  if (code.format_size != sizeof wanted - 1 || memcmp(code.format, wanted, code.format_size))
    fail(path, "the program is in another format");
  if (!(code.code = malloc(code.code_size))) fail(path, "no memory for the optimised program");
  check(api->PJRT_Executable_OptimizedProgram(&args), "reading the optimised program");
  FILE *file = fopen(path, "wb");
  if (!file) fail(path, strerror(errno));
  int short_of = fwrite(code.code, 1, code.code_size, file) != code.code_size;
  if (fclose(file) || short_of) fail(path, "cannot be written");
}

// cpu_seconds is the processor time of this process and of its children: unlike the time on the wall it does not depend on what
// else runs.
static double cpu_seconds(void) {
  double sum = 0;
  const int processes[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
  for (int i = 0; i < 2; i++) {
    struct rusage used;
    getrusage(processes[i], &used);
    sum += used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  }
  return sum;
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fputs("aotc: usage: aotc PLUGIN TARGET TOPOLOGY PROGRAM OPTIONS OUT\n", stderr);
    return 2;
  }
  open_plugin(argv[1]);
  PJRT_TopologyDescription *topology = devices(argv[2], argv[3]);
  double began = cpu_seconds();
  PJRT_Executable *executable = compile(topology, argv[4], argv[5]);
  double seconds = cpu_seconds() - began;
  PJRT_Executable_GetCompiledMemoryStats_Args plan = {.struct_size = PJRT_Executable_GetCompiledMemoryStats_Args_STRUCT_SIZE,
                                                      .executable = executable};
  check(api->PJRT_Executable_GetCompiledMemoryStats(&plan), "asking for the planned memory");
  save(executable, argv[6]);
  printf("{\"cpu_seconds\":%.2f,\"arguments\":%lld,\"results\":%lld,\"aliased\":%lld,\"temporaries\":%lld,\"peak\":%lld}\n",
         seconds,
         (long long)plan.argument_size_in_bytes, (long long)plan.output_size_in_bytes, (long long)plan.alias_size_in_bytes,
         (long long)plan.temp_size_in_bytes, (long long)plan.peak_memory_in_bytes);
  return 0;
}
