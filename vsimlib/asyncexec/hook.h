// SPDX-License-Identifier: Apache-2.0

// The part of XLA's PJRT C API that hook.c replaces: indices into the table of functions, and the structs of arguments, as in
// version 0.104 of pjrt_c_api.h. TestHeader compares all of them with the header that go-xla is built from.

#pragma once

#include <stddef.h>

enum {
  index_event_await = 8,
  index_loaded_executable_execute = 55,
};

// Each struct of arguments begins with its size and a list of extensions.
#define ARGUMENTS \
  size_t struct_size; \
  void *extension_start

typedef struct {
  ARGUMENTS;
  void *event;
} await_args;

typedef struct {
  ARGUMENTS;
  void *executable;
  void *options;
  void *argument_lists;
  size_t num_devices;
  size_t num_args;
  void *output_lists;
  void **device_complete_events;
  void *execute_device;
} execute_args;

// asyncexec_install puts the functions of this package before those of a plugin's table, once.
void asyncexec_install(void **functions);

// asyncexec_begin and asyncexec_end enclose the calls of this thread that do not wait for the devices.
void asyncexec_begin(void);
void asyncexec_end(void);
