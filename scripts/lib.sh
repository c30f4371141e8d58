# Shared by the scripts beside it; sourced, never run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    echo "$*" >&2
    exit 1
}

# The folder of the PostgreSQL server's programs; fails when there is none. Same order as the program itself.
pg_bin() {
    local dir
    if [ -n "${CARE_DESK_PG_BIN:-}" ]; then
        echo "$CARE_DESK_PG_BIN"
    elif command -v initdb >/dev/null && command -v postgres >/dev/null; then
        dirname "$(readlink -f "$(command -v postgres)")"
    else
        dir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV | head -n 1)
        [ -n "$dir" ] && [ -x "$dir/initdb" ] && echo "$dir"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# need PROGRAM PACKAGE...: the packages are missing unless the program is there.
missing=()
need() {
    command -v "$1" >/dev/null || missing+=("${@:2}")
}

need_postgres() {
    pg_bin >/dev/null || missing+=(postgresql)
}

# Chromium, its driver and a Chinese font: without one Chinese is drawn, and measured, as boxes.
need_browser() {
    command -v chromium-browser google-chrome >/dev/null || need chromium chromium
    need chromedriver chromium-driver
    [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ] || missing+=(fontconfig fonts-noto-cjk)
}

need_cargo() {
    command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    command -v cargo >/dev/null || fail "Rust is missing: install it from https://rustup.rs"
}

# From Debian's archive, quietly; says what to install by hand where that cannot be done.
install_missing() {
    [ ${#missing[@]} != 0 ] || return 0
    command -v apt-get >/dev/null || fail "Please install these first (names as in Debian): ${missing[*]}"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "Please run as root first: apt-get install ${missing[*]}"
    echo "Installing ${missing[*]} ..." >&2
    # Debian's package makes and starts a cluster of its own on port 5432. Care Desk runs a private one: a second
    # server would only take memory and a port. Settings that are already there are left alone.
    local no_cluster=/etc/postgresql-common/createcluster.conf log
    if [[ " ${missing[*]} " = *" postgresql "* ]] && [ ! -e $no_cluster ]; then
        as_root mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" | as_root tee $no_cluster >/dev/null
    fi
    log=$(mktemp)
    # Kept configuration: the package would else ask whether to replace the line above.
    if ! { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
        apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"; } \
        >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        fail "apt-get could not install ${missing[*]}; all that it said is in $log"
    fi
    rm -f "$log"
    missing=()
}
