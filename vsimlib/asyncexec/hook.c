// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

#include "hook.h"

typedef void *(*function)(void *);

static function execute, await;

static __thread int sending;   // this thread does not wait for executions
static __thread void *passed;  // the event of its last execution, until that is awaited

// execute_only is called in place of PJRT_LoadedExecutable_Execute. It remembers the event that go-xla will wait for.
static void *execute_only(execute_args *args) {
  void *error = execute(args);
  passed = NULL;
  if (sending && error == NULL && args->num_devices == 1 && args->device_complete_events != NULL)
    passed = args->device_complete_events[0];
  return error;
}

// await_others is called in place of PJRT_Event_Await. It does not wait for the event that execute_only remembers.
static void *await_others(await_args *args) {
  if (passed != NULL && args->event == passed) {
    passed = NULL;
    return NULL;
  }
  return await(args);
}

void asyncexec_install(void **functions) {
  execute = (function)functions[index_loaded_executable_execute];
  await = (function)functions[index_event_await];
  functions[index_event_await] = await_others;
  functions[index_loaded_executable_execute] = execute_only;
}

void asyncexec_begin(void) { sending = 1; }

void asyncexec_end(void) {
  sending = 0;
  passed = NULL;
}
