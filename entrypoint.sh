#!/bin/sh
# What a container runs: entrypoint.sh web | beat | worker-urgent | worker-fetch | worker-parse | worker-store |
# flower | migrate | manage ARGS… | health ROLE, or any other command as it is.
#
# Each service waits for its servers and applies migrations first (one does, the others wait for it), and then
# becomes its program, so that the program gets the signals. Settings read NAME_FILE themselves; what other
# libraries read from the environment is read from files here.
# shellcheck disable=SC2046,SC2086 # lists of options are split on purpose
set -eu
cd "$(dirname "$0")"

for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY FLOWER_BASIC_AUTH; do
    eval "file=\${${name}_FILE:-}"
    [ -n "$file" ] || continue
    value=$(cat "$file")
    export "$name=$value"
done

prepare() {
    python3 manage.py migrate_once --wait 60 --verbosity 0
}

# A worker that gets SIGTERM takes no more work, finishes what ends within CRAWLBEAT_SHUTDOWN_SECONDS, hands back
# the rest and exits: it needs a stop grace period of 45 s.
celery="celery -A scheduler.app"
ask="import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10)"
quiet="--without-gossip --without-mingle --without-heartbeat"

# Prints the worker options of a role; the first queue goes first.
worker() {
    case $1 in
    worker-urgent) echo "-Q store.urgent,fetch.urgent -P threads -c ${CRAWLBEAT_CONCURRENCY:-4}" ;;
    worker-fetch) echo "-Q fetch.urgent,fetch.normal,fetch.bulk -P threads -c ${CRAWLBEAT_CONCURRENCY:-4}" ;;
    worker-parse) echo "-Q parse.urgent,parse.normal,parse.bulk -P prefork -c ${CRAWLBEAT_CONCURRENCY:-2}" ;;
    worker-store) echo "-Q control,store.urgent,store.normal,store.bulk -P prefork -c ${CRAWLBEAT_CONCURRENCY:-2}" ;;
    esac
}

role=${1:-web}
case $role in
web)
    prepare
    export CRAWLBEAT_PROCESS=threads
    set -- granian --interface asginl --host 0.0.0.0 --port 8000 --workers 1 --no-ws djsite.asgi:application
    ;;
beat)
    prepare
    set -- $celery beat --pidfile= --loglevel INFO
    ;;
worker-urgent | worker-fetch | worker-parse | worker-store)
    prepare
    case $role in worker-urgent | worker-fetch) export CRAWLBEAT_PROCESS=threads ;; esac
    set -- $celery worker -n "$role@%h" $(worker "$role") $quiet --loglevel INFO
    ;;
flower)
    # it can stop workers and read every message, so it does not start without a password
    : "${FLOWER_BASIC_AUTH:?set FLOWER_BASIC_AUTH to user:password}"
    set -- $celery flower --address=0.0.0.0 --port=5555
    ;;
migrate)
    set -- python3 manage.py migrate_once --wait 60
    ;;
manage)
    shift
    set -- python3 manage.py "$@"
    ;;
health)
    case ${2:-web} in
    web) set -- python3 -c "$ask" http://127.0.0.1:8000/health/ ;;
    flower) set -- python3 -c "$ask" http://127.0.0.1:5555/healthcheck ;;
    beat) set -- python3 manage.py healthy beat ;;
    *) set -- $celery inspect ping --timeout 10 -d "$2@$(hostname)" ;;
    esac
    ;;
esac
exec "$@"
