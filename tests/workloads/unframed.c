// SPDX-License-Identifier: Apache-2.0
// unframed N [MS]: N times sort_two → qsort (of libc) → compare → middle_function → deep_function,
// as thread `sonde_unframed`, built without frame pointers. deep_function uses MS milliseconds of
// CPU time in spin_function, then raises a signal, whose handler is signal_function.
// unframed N MS wait: the same when a line has been read; before that it writes one.
// unframed N MS FILE: calls each time through call_through() of this library, which it loads when
// it was asked to, and goes on with that until it is ended.
#include <dlfcn.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define FUNCTION __attribute__((noinline, noclone))

typedef long Called(long);
static long (*call_through)(Called*, long);

static long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static long busy_ms;

FUNCTION long spin_function(long value) {
  volatile long sum = value;
  for (const long end = now_ms() + busy_ms; now_ms() < end;)
    for (int i = 0; i < 100000; i++) sum += i;
  return sum;
}

FUNCTION long deep_function(long value) {
  const long sum = busy_ms == 0 ? value : spin_function(value);
  raise(SIGUSR1);
  return sum;
}

// Much on the stack, and registers that have to be saved.
FUNCTION long middle_function(long a, long b) {
  volatile long room[100];
  for (long i = 0; i < 100; i++) room[i] = a + i * b;
  const long deep = call_through ? call_through(deep_function, room[99]) : deep_function(room[99]);
  return deep + room[a & 63] + a * b;
}

FUNCTION int compare(const void* left, const void* right) {
  const long a = *(const long*)left, b = *(const long*)right;
  return middle_function(a, b) > 0 ? (a > b) - (a < b) : 0;
}

FUNCTION long sort_two(long i) {
  long both[2] = {i + 1, i};
  qsort(both, 2, sizeof both[0], compare);
  return both[0];
}

FUNCTION void signal_function(int number) { (void)!write(-1, &number, 0); }

static void load(const char* file) {
  void* library = dlopen(file, RTLD_NOW);
  if (!library) die(dlerror());
  *(void**)&call_through = dlsym(library, "call_through");
}

int main(int argc, char** argv) {
  long count = number_argument(argc, argv, 1, 1);
  busy_ms = number_argument(argc, argv, 2, 0);
  const char* how = argc > 3 ? argv[3] : "";
  signal(SIGUSR1, signal_function);
  begin("sonde_unframed");
  long sum = 0;
  if (strcmp(how, "wait") == 0) {
    puts("ready");
    fflush(stdout);
    (void)getchar();
  } else if (*how) {
    load(how);
  }
  for (long i = 1; i <= count || call_through; i++) sum += sort_two(i);
  end();
  return sum == 0;
}
