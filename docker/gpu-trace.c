// SPDX-License-Identifier: Apache-2.0

// Records what an NVIDIA GPU does for a process that CUDA loads this library into: one line for each kernel, copy and memset, with
// its start and duration in nanoseconds and its name. docker/gpu-kernels builds and uses it. CUPTI is opened by its path, as CUDA's
// wheels have it where no linker looks.
//
//   CUDA_INJECTION64_PATH=gpu-trace.so GPU_TRACE_CUPTI=libcupti.so.13 GPU_TRACE_OUT=trace.tsv PROGRAM
#include <cupti.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *out;
static CUptiResult (*next_record)(uint8_t *, size_t, CUpti_Activity **);
static CUptiResult (*flush_all)(uint32_t);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void line(uint64_t start, uint64_t end, const char *name, uint64_t bytes) {
  fprintf(out, "%llu\t%llu\t%s", (unsigned long long)start, (unsigned long long)(end - start), name);
  if (bytes) fprintf(out, " of %llu bytes", (unsigned long long)bytes);
  fputc('\n', out);
}

static void write_record(CUpti_Activity *r) {
  if (r->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
    CUpti_ActivityKernel9 *k = (CUpti_ActivityKernel9 *)r;
    line(k->start, k->end, k->name, 0);
  } else if (r->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
    CUpti_ActivityMemcpy5 *m = (CUpti_ActivityMemcpy5 *)r;
    const char *kind = m->copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_HTOD   ? "copy to the device"
                       : m->copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOH ? "copy to the host"
                                                                        : "copy on the device";
    line(m->start, m->end, kind, m->bytes);
  } else if (r->kind == CUPTI_ACTIVITY_KIND_MEMSET) {
    CUpti_ActivityMemset4 *m = (CUpti_ActivityMemset4 *)r;
    line(m->start, m->end, "memset", m->bytes);
  }
}

static void requested(uint8_t **buffer, size_t *size, size_t *records) {
  *size = 1 << 18; // a buffer is handed over when all of its records are complete
  *buffer = aligned_alloc(8, *size);
  *records = 0;
}

static void completed(CUcontext context, uint32_t stream, uint8_t *buffer, size_t size, size_t valid) {
  CUpti_Activity *record = NULL;
  pthread_mutex_lock(&lock);
  while (next_record(buffer, valid, &record) == CUPTI_SUCCESS) write_record(record);
  fflush(out);
  pthread_mutex_unlock(&lock);
  free(buffer);
}

// flush_often hands over what is complete: a Go program ends without the handlers that would do it at the end. (Forced, CUPTI would
// hand over what still runs as well, without its end.)
static void *flush_often(void *unused) {
  for (;;) {
    usleep(50000);
    flush_all(0);
  }
  return unused;
}

// InitializeInjection is what CUDA calls. 0 means that nothing is recorded.
int InitializeInjection(void) {
  const char *path = getenv("GPU_TRACE_OUT"), *library = getenv("GPU_TRACE_CUPTI");
  void *cupti = library ? dlopen(library, RTLD_NOW | RTLD_GLOBAL) : NULL;
  if (cupti == NULL || path == NULL || (out = fopen(path, "w")) == NULL) {
    fprintf(stderr, "gpu-trace: GPU_TRACE_CUPTI or GPU_TRACE_OUT cannot be opened\n");
    return 0;
  }
  CUptiResult (*enable)(CUpti_ActivityKind) = dlsym(cupti, "cuptiActivityEnable");
  CUptiResult (*callbacks)(CUpti_BuffersCallbackRequestFunc, CUpti_BuffersCallbackCompleteFunc) =
      dlsym(cupti, "cuptiActivityRegisterCallbacks");
  next_record = dlsym(cupti, "cuptiActivityGetNextRecord");
  flush_all = dlsym(cupti, "cuptiActivityFlushAll");
  pthread_t thread;
  if (!enable || !callbacks || !next_record || !flush_all || callbacks(requested, completed) != CUPTI_SUCCESS ||
      enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) != CUPTI_SUCCESS || enable(CUPTI_ACTIVITY_KIND_MEMCPY) != CUPTI_SUCCESS ||
      enable(CUPTI_ACTIVITY_KIND_MEMSET) != CUPTI_SUCCESS || pthread_create(&thread, NULL, flush_often, NULL) != 0) {
    fprintf(stderr, "gpu-trace: CUPTI records nothing\n");
    return 0;
  }
  return 1;
}
