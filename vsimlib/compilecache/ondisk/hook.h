// SPDX-License-Identifier: Apache-2.0

// The part of XLA's PJRT C API that hook.c calls: indices into the table of functions, and the structs of arguments, as in version
// 0.104 of pjrt_c_api.h. TestHeader compares all of them with the header that go-xla is built from.

#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
  index_error_destroy = 0,
  index_client_platform_version = 14,
  index_client_addressable_devices = 16,
  index_client_compile = 20,
  index_device_description_kind = 26,
  index_device_get_description = 29,
  index_executable_destroy = 40,
  index_executable_serialize = 49,
  index_loaded_executable_get_executable = 51,
  index_executable_deserialize_and_load = 56,
};

// Each struct of arguments begins with its size and a list of extensions.
#define ARGUMENTS \
  size_t struct_size; \
  void *extension_start

typedef struct {
  ARGUMENTS;
  void *error;
} error_destroy_args;

typedef struct {
  ARGUMENTS;
  void *client;
  const char *platform_version;
  size_t platform_version_size;
} platform_version_args;

typedef struct {
  ARGUMENTS;
  void *client;
  void *const *addressable_devices;
  size_t num_addressable_devices;
} addressable_devices_args;

typedef struct {
  ARGUMENTS;
  void *device;
  void *device_description;
} get_description_args;

typedef struct {
  ARGUMENTS;
  void *device_description;
  const char *device_kind;
  size_t device_kind_size;
} kind_args;

typedef struct {
  ARGUMENTS;
  char *code;
  size_t code_size;
  const char *format;
  size_t format_size;
} program_struct;

typedef struct {
  ARGUMENTS;
  void *client;
  const program_struct *program;
  const char *compile_options;
  size_t compile_options_size;
  void *executable;
} compile_args;

typedef struct {
  ARGUMENTS;
  void *executable;
} executable_destroy_args;

typedef struct {
  ARGUMENTS;
  void *loaded_executable;
  void *executable;
} get_executable_args;

typedef struct {
  ARGUMENTS;
  const void *executable;
  const char *serialized_bytes;
  size_t serialized_bytes_size;
  void *serialized_executable;
  void (*serialized_executable_deleter)(void *);
} serialize_args;

typedef struct {
  ARGUMENTS;
  void *client;
  const char *serialized_executable;
  size_t serialized_executable_size;
  void *loaded_executable;
  const char *overridden_serialized_compile_options;
  size_t overridden_serialized_compile_options_size;
} deserialize_args;

// vsim_install replaces the compile function in a plugin's table by one that looks for the program in files first,
// once.
void vsim_install(void **functions);
