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

# install PACKAGE...: from Debian's archive, quietly; says what to install by hand where that cannot be done.
install() {
    command -v apt-get >/dev/null || fail "Please install these first (names as in Debian): $*"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "Please run as root first: apt-get install $*"
    echo "Installing $* ..." >&2
    local log
    log=$(mktemp)
    if ! { as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "apt-get could not install: $* (all of its output: $log)"
    fi
    rm -f "$log"
}

install_postgres() {
    pg_bin >/dev/null && return
    # Debian's package makes and starts a cluster of its own on port 5432. Care Desk runs a private one: a second
    # server would only take memory and a port. Settings that somebody wrote are left alone.
    if command -v apt-get >/dev/null && [ ! -e /etc/postgresql-common/createcluster.conf ] &&
        { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
        as_root mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    install postgresql
    pg_bin >/dev/null || fail "The PostgreSQL server is installed, but initdb was not found: set CARE_DESK_PG_BIN"
}
