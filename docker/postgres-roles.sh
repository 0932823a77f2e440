#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: the hub's two roles, then its database, made
# from a template that has the extensions and the rights.
set -eu

psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
    -v owner_password="$HUB_OWNER_PASSWORD" -v runner_password="$HUB_APP_PASSWORD" <<'SQL'
create role hub login nosuperuser nocreaterole password :'owner_password';
create role hub_app login nosuperuser nocreaterole nocreatedb password :'runner_password';
SQL
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d template1 -f /hub/template.sql
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -c 'create database hub owner hub'
