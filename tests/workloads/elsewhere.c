// SPDX-License-Identifier: Apache-2.0
// elsewhere PROGRAM ARGS: runs a copy of another workload as /tmp/PROGRAM of a mount namespace of
// its own. Nobody outside sees it, and it is gone afterwards.
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static void copy(const char* from, const char* to) {
  const int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
  struct stat info;
  if (in < 0 || out < 0 || fstat(in, &info) != 0) die(from);
  if (sendfile(out, in, NULL, (size_t)info.st_size) != info.st_size) die(to);
  close(in);
  close(out);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  // Beside us, since that is where the other workloads are.
  char program[PATH_MAX], moved[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
  if (size < 0) die("/proc/self/exe");
  program[size] = '\0';
  char* name = strrchr(program, '/') + 1;
  snprintf(name, sizeof program - (size_t)(name - program), "%s", argv[1]);
  if (unshare(CLONE_NEWNS) != 0) die("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("mount /");
  if (mount("none", "/tmp", "tmpfs", 0, NULL) != 0) die("mount");
  snprintf(moved, sizeof moved, "/tmp/%s", argv[1]);
  copy(program, moved);
  const pid_t child = fork();
  if (child == 0) {
    execv(moved, argv + 1);
    _exit(127);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) die("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
