#!/bin/sh
# Run by the PostgreSQL image when it makes its data: a role for the service that owns its database and nothing else.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set password="$(cat "${ENGINE_PASSWORD_FILE:-/run/secrets/engine_password}")" <<'SQL'
CREATE ROLE engine LOGIN PASSWORD :'password';
CREATE DATABASE trading OWNER engine;
REVOKE ALL ON DATABASE trading FROM PUBLIC;
SQL
