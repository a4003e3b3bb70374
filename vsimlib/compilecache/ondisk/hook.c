// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

#include <stdlib.h>
#include <string.h>

#include "hook.h"
#include "_cgo_export.h"

static void **functions;
static void *(*compile)(compile_args *);

// call calls a function of the table: it takes a struct of arguments and returns NULL or an error.
static void *call(int index, void *args) { return ((void *(*)(void *))functions[index])(args); }

// succeeds frees the error of a call, if there is one.
static int succeeds(void *error) {
  if (error == NULL) return 1;
  error_destroy_args args = {sizeof args, NULL, error};
  ((void (*)(error_destroy_args *))functions[index_error_destroy])(&args);
  return 0;
}

// device_kind is the kind of the client's first device.
static kind_args device_kind(void *client) {
  kind_args kind = {sizeof kind}, none = kind;
  addressable_devices_args devices = {sizeof devices, NULL, client};
  if (!succeeds(call(index_client_addressable_devices, &devices)) || devices.num_addressable_devices == 0) return none;
  get_description_args get = {sizeof get, NULL, devices.addressable_devices[0]};
  if (!succeeds(call(index_device_get_description, &get))) return none;
  kind.device_description = get.device_description;
  return succeeds(call(index_device_description_kind, &kind)) ? kind : none;
}

// load makes an executable of serialized bytes; NULL where the plugin refuses them.
static void *load(void *client, char *bytes, size_t size) {
  deserialize_args args = {sizeof args, NULL, client, bytes, size};
  return succeeds(call(index_executable_deserialize_and_load, &args)) ? args.loaded_executable : NULL;
}

// save serializes an executable and hands the bytes over; where the plugin cannot, the next process compiles again.
static void save(void *loaded, void *key) {
  get_executable_args get = {sizeof get, NULL, loaded};
  if (!succeeds(call(index_loaded_executable_get_executable, &get))) return;
  serialize_args serialize = {sizeof serialize, NULL, get.executable};
  if (succeeds(call(index_executable_serialize, &serialize))) {
    vsimSave(key, (char *)serialize.serialized_bytes, serialize.serialized_bytes_size);
    serialize.serialized_executable_deleter(serialize.serialized_executable);
  }
  executable_destroy_args destroy = {sizeof destroy, NULL, get.executable};
  succeeds(call(index_executable_destroy, &destroy));
}

// compile_or_load is called in place of PJRT_Client_Compile.
static void *compile_or_load(compile_args *args) {
  platform_version_args version = {sizeof version, NULL, args->client};
  if (!succeeds(call(index_client_platform_version, &version))) version.platform_version_size = 0;
  kind_args kind = device_kind(args->client);
  unsigned char key[32];
  char *bytes = NULL;
  size_t size = 0;
  vsimFind(args->program->code, args->program->code_size, (char *)args->compile_options, args->compile_options_size,
           (char *)version.platform_version, version.platform_version_size, (char *)kind.device_kind, kind.device_kind_size, key,
           &bytes, &size);
  if (bytes != NULL) {
    args->executable = load(args->client, bytes, size);
    free(bytes);
    vsimLoaded(key, args->executable != NULL);
    if (args->executable != NULL) return NULL;
  }
  int64_t start = vsimNanoseconds();
  void *error = compile(args);
  if (error == NULL && vsimWorthSaving(vsimNanoseconds() - start)) save(args->executable, key);
  return error;
}

void vsim_install(void **found) {
  functions = found;
  compile = functions[index_client_compile];
  functions[index_client_compile] = compile_or_load;
}
