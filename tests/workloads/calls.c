// SPDX-License-Identifier: Apache-2.0
// calls SYSCALL N [ARGUMENT]: makes exactly N calls of one system call, as thread `sonde_calls`.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

static int zero_fd, null_fd;

// Each does call number i (from 1) and returns what the kernel did.

static long call_getppid(long i, const char* argument) {
  (void)i, (void)argument;
  return syscall(SYS_getppid);
}

static long call_read(long i, const char* argument) {
  static char buffer[4096];
  (void)argument;
  return syscall(SYS_read, zero_fd, buffer, i);
}

static long call_write(long i, const char* argument) {
  (void)i;
  const char* text = argument ? argument : "sonde";
  return syscall(SYS_write, null_fd, text, strlen(text));
}

// The descriptor stays open, so that openat is the only call that is made.
static long call_openat(long i, const char* argument) {
  (void)i;
  return syscall(SYS_openat, AT_FDCWD, argument ? argument : "/dev/null", O_RDONLY);
}

static long call_close(long i, const char* argument) {
  (void)i, (void)argument;
  return syscall(SYS_close, -1);
}

static long call_nanosleep(long i, const char* argument) {
  (void)i;
  const struct timespec time = {0, (argument ? atol(argument) : 1) * 1000000};
  return syscall(SYS_nanosleep, &time, NULL);
}

static long call_kill(long i, const char* argument) {
  (void)i, (void)argument;
  return syscall(SYS_kill, getpid(), 0);
}

static const struct {
  const char* name;
  long (*call)(long i, const char* argument);
} calls[] = {
    {"getppid", call_getppid}, {"read", call_read},           {"write", call_write},
    {"openat", call_openat},   {"nanosleep", call_nanosleep}, {"close", call_close},
    {"kill", call_kill},
};

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: calls SYSCALL [N] [ARGUMENT]\n");
    return 2;
  }
  const long count = number_argument(argc, argv, 2, 1);
  zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (zero_fd < 0 || null_fd < 0) die("/dev");
  for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
    if (strcmp(argv[1], calls[k].name) != 0) continue;
    begin("sonde_calls");
    for (long i = 1; i <= count; i++) calls[k].call(i, argv[3]);
    end();
    return 0;
  }
  fprintf(stderr, "unknown system call: %s\n", argv[1]);
  return 2;
}
