#!/bin/sh
# Become one process of the hub: prepare, web, worker or beat; or the node of a producer. Anything else is a Django command.
set -eu
umask 077

case "${1:-web}" in
    prepare)
        # Tables belong to the owner; the other processes run as a role that cannot alter them.
        DATABASE_URL="$DATABASE_OWNER_URL" python manage.py migrate --no-input
        exec python manage.py collectstatic --no-input --verbosity 0
        ;;
    web)
        exec python -m uvicorn hub.asgi:application --host 0.0.0.0 --port 8000 \
            --workers "${HUB_WEB_WORKERS:-2}" --timeout-graceful-shutdown 2 \
            --no-access-log --no-server-header --log-level warning \
            --proxy-headers --forwarded-allow-ips "${HUB_PROXY_ADDRESSES:-127.0.0.1}"
        ;;
    worker)
        exec python -m celery --quiet -A hub.celery worker -c "${HUB_WORKER_PROCESSES:-2}" \
            -Q hub,extracts --without-gossip --without-mingle --loglevel INFO
        ;;
    beat)
        # One only: two would do everything twice.
        exec python -m celery --quiet -A hub.celery beat --pidfile "" \
            --schedule "$HUB_VAR/beat-schedule" --loglevel INFO
        ;;
    node)
        # At a producer's: no database, no broker, no key of the hub.
        exec python -m access.node "${2:-/etc/hub-node/node.toml}"
        ;;
    *)
        exec python manage.py "$@"
        ;;
esac
