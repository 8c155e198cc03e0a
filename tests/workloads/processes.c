// SPDX-License-Identifier: Apache-2.0
// processes fork N: makes N children, one after the other; child i (from 1) exits with status i.
// processes exec N: the same, and each child first runs this program anew.
// processes thread N: makes N threads, one after the other.
// The parent is the thread `sonde_processes`, and so are its children until they exec.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static char* program;

static void run_child(const char* mode, long i) {
  if (strcmp(mode, "exec") != 0) _exit((int)i);
  char status[32];
  snprintf(status, sizeof status, "%ld", i);
  execl(program, program, "exit", status, (char*)NULL);
  _exit(127);
}

static void* run_thread(void* argument) { return argument; }

static void run_once(const char* mode, long i) {
  if (strcmp(mode, "thread") == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_thread, NULL) != 0) die("pthread_create");
    pthread_join(thread, NULL);
    return;
  }
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) run_child(mode, i);
  int status;
  if (waitpid(child, &status, 0) != child) die("waitpid");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != (i & 255)) exit(1);
}

int main(int argc, char** argv) {
  const char* mode = argc > 1 ? argv[1] : "fork";
  const long count = number_argument(argc, argv, 2, 1);
  if (strcmp(mode, "exit") == 0) return (int)count;
  program = realpath("/proc/self/exe", NULL);
  if (!program) die("/proc/self/exe");
  begin("sonde_processes");
  for (long i = 1; i <= count; i++) run_once(mode, i);
  end();
  return 0;
}
