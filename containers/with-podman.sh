#!/usr/bin/env bash
# containers/check.sh on a Debian machine without Docker and without a container registry: podman as the engine,
# and stand-ins for the base images, made from Debian's packages. Run as root; takes some minutes the first time.
#
# What it cannot show: the real base images (the stand-in for python:3.12-slim has Debian's Python).
#
#   WITH_PODMAN_WORK       a folder for images and containers, kept for the next time (a temporary one, removed)
#   WITH_PODMAN_MIRROR     Debian mirror                                        (debootstrap's default)
#   WITH_PODMAN_CA_BUNDLE  certificates that a build must trust, as a PEM file  (Debian's)
#   WITH_PODMAN_PIP_CONF   a pip.conf for the build                             (none)
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in podman buildah debootstrap runc iptables; do
    command -v $tool >/dev/null || missing="${missing:-} $tool"
done
if [ -n "${missing:-}" ]; then
    echo "missing:$missing; apt-get install podman buildah debootstrap runc netavark aardvark-dns iptables" >&2
    exit 1
fi

work=${WITH_PODMAN_WORK:-$(mktemp -d)}
mkdir -p "$work"
store=(--root "$work/images" --runroot "$work/run" --storage-driver overlay)
cat >"$work/containers.conf" <<CONF
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
[network]
network_backend = "netavark"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
CONF
export CONTAINERS_CONF=$work/containers.conf
pids=()

ended() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    [ -n "${WITH_PODMAN_WORK:-}" ] || rm -rf "$work"
}
trap ended EXIT

# One tree of Debian packages serves all three stand-ins.
tree() {
    [ -e "$work/tree.done" ] || debootstrap --variant=minbase \
        --include=python3,python3-pip,python3-venv,ca-certificates,postgresql,redis-server \
        bookworm "$work/tree" ${WITH_PODMAN_MIRROR:+"$WITH_PODMAN_MIRROR"} >"$work/debootstrap.log"
    touch "$work/tree.done"
    ln -sf redis-server "$work/tree/usr/bin/valkey-server"
    ln -sf redis-cli "$work/tree/usr/bin/valkey-cli"
    ln -sf python3 "$work/tree/usr/bin/python"
    for name in postgres pg_isready; do
        printf '#!/bin/sh\nexec /usr/lib/postgresql/*/bin/%s "$@"\n' $name >"$work/tree/usr/local/bin/$name"
        chmod +x "$work/tree/usr/local/bin/$name"
    done
    if [ -n "${WITH_PODMAN_CA_BUNDLE:-}" ]; then cp "$WITH_PODMAN_CA_BUNDLE" "$work/tree/etc/ssl/certs/ca-certificates.crt"; fi
    if [ -n "${WITH_PODMAN_PIP_CONF:-}" ]; then cp "$WITH_PODMAN_PIP_CONF" "$work/tree/etc/pip.conf"; fi
    cp containers/stand-in-postgres.sh "$work/tree/usr/local/bin/docker-entrypoint.sh"
    # as in the real images: a user 999 for both servers, who owns their folders
    sed -i 's/^postgres:x:[0-9]*:[0-9]*:/postgres:x:999:999:/' "$work/tree/etc/passwd"
    sed -i 's/^postgres:x:[0-9]*:/postgres:x:999:/' "$work/tree/etc/group"
    install -d -o 999 -g 999 "$work/tree/data" "$work/tree/var/lib/postgresql/data"
}

# image NAME [buildah config options…]: the tree under the name of a real image.
image() {
    local name=$1 container
    shift
    buildah "${store[@]}" images --format '{{.Name}}:{{.Tag}}' | grep -qx "docker.io/$name" && return
    container=$(buildah "${store[@]}" from scratch)
    buildah "${store[@]}" add --quiet "$container" "$work/tree" / >/dev/null
    buildah "${store[@]}" config --env PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@" "$container"
    buildah "${store[@]}" commit --quiet --rm "$container" "docker.io/$name" >/dev/null
}

tree
image library/python:3.12-slim --cmd python3
image library/postgres:17 --entrypoint '["/usr/local/bin/docker-entrypoint.sh"]' --cmd postgres
image valkey/valkey:8.1 --workingdir /data

podman "${store[@]}" --network-config-dir "$work/networks" system service --time 0 "unix://$work/engine.sock" 2>"$work/engine.log" &
pids+=($!)
until [ -S "$work/engine.sock" ]; do sleep 0.1; done

# Without systemd nothing calls the health checks; this does, for those that are not healthy yet.
health() {
    while sleep 1; do
        for state in starting unhealthy; do
            podman "${store[@]}" ps --quiet --filter health=$state
        done | xargs --no-run-if-empty --max-args 1 --max-procs 3 podman "${store[@]}" healthcheck run >/dev/null 2>&1 || true
    done
}
health &
pids+=($!)

export DOCKER_HOST=unix://$work/engine.sock CHECK_COMPOSE=${CHECK_COMPOSE:-.venv/bin/docker-compose}
export CHECK_MORE="--file containers/stand-ins.yml"
export CHECK_BUILD="buildah ${store[*]} build --build-arg PYTHON=docker.io/library/python:3.12-slim --isolation chroot --pull-never --format docker --layers --quiet --tag docker.io/library/crawlbeat --target app ."
containers/check.sh
