# Shared by the scripts of this folder (sourced, not run): packages, build folders.
# shellcheck shell=bash

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(gcc libc6-dev meson ninja-build pkgconf python3 libyaml-dev libssl-dev
    libsqlite3-dev zlib1g-dev libzstd-dev libcurl4-openssl-dev libarchive-dev liblzma-dev
    unicode-data)
check_packages=(clang-14 clang-format-14 libcmocka-dev libjansson-dev libpcre2-dev tzdata)
test_packages=(libclang-rt-14-dev python3-pytest python3-yaml python3-jsonschema valgrind
    openssh-server sudo groff-base zsh fish nftables iproute2 libcap2-bin attr
    podman buildah runc busybox-static docker-registry zstd xz-utils
    rpm db5.3-util debsecan)

say() { printf 'gabion: %s\n' "$*" >&2; }

# Installs those of the named packages that are missing.
install_missing() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            say "these packages are missing, install them as root: apt-get install ${missing[*]}"
            return 1
        }
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    # Servers that tests start themselves are not started by their packages.
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        say "apt-get could not install ${missing[*]}"
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# Configures build/NAME with the given options, again when files came or went, and builds it.
build() {
    local name=$1
    shift
    local folder=$project/build/$name files log
    files=$(cd "$project" && find src content tests -type f \( -name '*.c' -o -name '*.yaml' \
        -o -name 'meson.build' \) ! -path 'tests/golden/*' | LC_ALL=C sort; echo "$*")
    mkdir -p "$folder"
    log=$folder/build.log
    if [ ! -f "$folder/build.ninja" ]; then
        meson setup "$folder" "$project" "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; return 1; }
    elif [ "$files" != "$(cat "$folder/.files" 2>/dev/null)" ]; then
        meson setup --reconfigure "$folder" "$project" "$@" >"$log" 2>&1 ||
            { tail -n 20 "$log" >&2; return 1; }
    fi
    printf '%s\n' "$files" >"$folder/.files"
    ninja -C "$folder" >"$log" 2>&1 || {
        grep -E 'error|FAILED|undefined' "$log" | head -n 30 >&2
        say "the build failed: $log"
        return 1
    }
}

build_release() {
    install_missing "${build_packages[@]}" || return 1
    [ -f "$project/build/release/build.ninja" ] || say "building a release (the first time takes a minute)"
    build release --buildtype=release -Db_lto=true -Dtests=false -Dstrip=true
}
