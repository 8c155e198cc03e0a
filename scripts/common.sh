# shellcheck shell=bash
# Functions shared by the scripts of this folder; sourced by bash, never run.
# Expects `set -euo pipefail` and the project's root as working folder.

# step WORDS…: says what happens next.
step() { printf '==> %s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# run COMMAND…: prints a command, then runs it.
run() {
  printf '    %s\n' "$*"
  "$@"
}

# Goes before what needs root: nothing for root, else sudo.
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

can_become_root() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

# packages_of STAGE…: the packages that packages.txt lists for these stages.
packages_of() {
  local stage
  for stage in "$@"; do
    awk -v stage="$stage" '$1 == stage { print $2 }' scripts/packages.txt
  done | sort -u
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages STAGE…: installs what is missing. Asks apt for nothing when all is there.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this is not Debian; install by hand: $(packages_of "$@" | tr '\n' ' ')"
  local package missing=()
  for package in $(packages_of "$@"); do
    is_installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    step "Packages to $*: all installed"
    return
  fi
  step "Packages to $*: installing ${missing[*]}"
  can_become_root || die "needs root (or sudo) to install: ${missing[*]}"
  run "${as_root[@]}" apt-get update -qq
  run "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# One compiler for each CPU, as long as there are 2 GB of memory for each.
build_jobs() {
  local cpus memory_kb jobs
  cpus=$(nproc)
  memory_kb=$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)
  jobs=$((memory_kb / (2 * 1024 * 1024)))
  [ "$jobs" -gt "$cpus" ] && jobs=$cpus
  [ "$jobs" -lt 1 ] && jobs=1
  echo "$jobs"
}

# is_configured PRESET [-DNAME=VALUE…]: in the way that these options ask for.
is_configured() {
  local cache=build/$1/CMakeCache.txt option
  [ -f "build/$1/build.ninja" ] || return
  shift
  for option in "$@"; do
    option=${option#-D}
    grep -q "^${option%%=*}:[A-Z]*=${option#*=}\$" "$cache" || return
  done
}

# build_preset PRESET [-DNAME=VALUE…]: configures when needed, then builds what has changed.
build_preset() {
  is_configured "$@" || run cmake --preset "$@"
  run cmake --build --preset "$1" -j "$(build_jobs)"
}
