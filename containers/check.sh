#!/usr/bin/env bash
# Builds the image, starts the real compose.yml with throw-away secrets and volumes, crawls a site inside, and
# stops it all within the grace period. Prints a report. Needs an engine (DOCKER_HOST, or docker's own socket)
# and docker compose; containers/with-podman.sh brings both to a machine that has neither.
#
#   CHECK_COMPOSE   the compose command     (docker compose, or docker-compose from the dev requirements)
#   CHECK_MORE      more options of compose (none)
#   CHECK_BUILD     what builds the image   ($CHECK_COMPOSE build)
set -euo pipefail
cd "$(dirname "$0")/.."

read -ra compose <<<"${CHECK_COMPOSE:-$(docker compose version >/dev/null 2>&1 && echo docker compose || echo .venv/bin/docker-compose)}"
compose+=(--progress quiet --project-name "crawlbeat-check-$$" --env-file /dev/null --file compose.yml --file containers/check.yml)
read -ra more <<<"${CHECK_MORE:-}"
compose+=(${more[@]+"${more[@]}"} --project-directory .)
SECRET_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
POSTGRES_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
REDIS_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
CRAWLBEAT_SECRETS_KEYS=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export SECRET_KEY CRAWLBEAT_SECRETS_KEYS POSTGRES_PASSWORD REDIS_PASSWORD
export CRAWLBEAT_CONTACT=https://example.org/container-check CRAWLBEAT_LISTEN=${CRAWLBEAT_LISTEN:-127.0.0.1:18000}
GRACE=45

say() { printf '%s\n' "$*"; }
ended() {
    local status=$?
    [ $status -eq 0 ] || { say "FAILED (exit status $status)"; "${compose[@]}" logs --no-color --tail 40 || true; }
    "${compose[@]}" down --volumes --timeout 10 >/dev/null 2>&1 || true
    [ $status -ne 0 ] || say "container check passed in $SECONDS s"
}
trap ended EXIT

# Names of the containers that are not healthy, one a line.
unhealthy() { "${compose[@]}" ps --all --format '{{.Name}} {{.State}} {{.Health}}' | awk '$2 != "running" || $3 != "healthy"'; }

say "Crawlbeat's container check, $(date --utc +%FT%TZ), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
say "== build"
began=$SECONDS
if [ -n "${CHECK_BUILD:-}" ]; then $CHECK_BUILD; else "${compose[@]}" build --quiet; fi
say "image built in $((SECONDS - began)) s"

say "== start"
began=$SECONDS
"${compose[@]}" up --detach --no-build --pull missing --quiet-pull
until [ -z "$(unhealthy)" ]; do
    [ $((SECONDS - began)) -lt 240 ] || { say "not healthy:" && unhealthy && exit 1; }
    sleep 1
done
"${compose[@]}" ps --all --format '{{.Service}} {{.State}} {{.Health}}' | sort | uniq -c
say "every service healthy after $((SECONDS - began)) s"

say "== crawl"
"${compose[@]}" exec -T web /app/entrypoint.sh manage shell --no-imports -c "$(cat containers/crawl.py)"

say "== as who"
"${compose[@]}" exec -T web sh -c 'id; ! touch /app/written 2>&1'

say "== stop"
began=$SECONDS
"${compose[@]}" stop
took=$((SECONDS - began))
"${compose[@]}" ps --all --format '{{.Service}} {{.ExitCode}}' | sort | uniq -c
if "${compose[@]}" ps --all --format '{{.ExitCode}}' | grep -qx 137; then say "a service had to be killed" && exit 1; fi
[ $took -le $GRACE ] || { say "the stop took $took s, more than $GRACE s" && exit 1; }
say "stopped in $took s, nothing was killed"
