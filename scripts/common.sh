# Shared by the scripts in this folder; to be sourced, not run.
# shellcheck shell=bash

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Root file systems, Python packages and client environments: dear to make, the same for every
# checkout, so they live outside the tree.
cache=${MCP_GATEWAY_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/mcp-gateway}
export project cache

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    fail "must run as root, and there is no sudo: $*"
  fi
}

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# The files of a Debian package, without installing it: nothing of the machine changes, and no
# service that the package brings is started.
unpack_debian_package() { # PACKAGE FOLDER
  local folder
  folder=$(mktemp -d)
  # Not as the sandboxed user _apt, who cannot write into a private folder.
  (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download "$1" >/dev/null) ||
    fail "cannot download the Debian package $1: run 'apt-get update' and look at its errors"
  mkdir -p "$2"
  dpkg-deb --extract "$folder"/*.deb "$2"
  rm -rf "$folder"
}

# One line that changes when any of the files or words changes.
digest_of() { # FILE-OR-WORD...
  local input
  for input in "$@"; do
    if [[ -f $input ]]; then
      sha256sum <"$input"
    elif [[ -d $input ]]; then
      (cd "$input" && find . -type f -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum)
    else
      printf '%s\n' "$input"
    fi
  done | sha256sum | cut -c1-32
}
