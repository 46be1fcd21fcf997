#!/bin/sh
# Run by the PostgreSQL image when it makes its data: a role for the service that owns its database and nothing else, and users for
# whoever writes strategies and for reports. What these may is granted by roles.sql, once the service has made its tables.
set -eu

secret() { cat "${2:-/run/secrets/$1}"; }

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set engine="$(secret engine_password "${ENGINE_PASSWORD_FILE:-}")" \
  --set generator="$(secret generator_password "${GENERATOR_PASSWORD_FILE:-}")" \
  --set reader="$(secret reader_password "${READER_PASSWORD_FILE:-}")" <<'SQL'
CREATE ROLE engine LOGIN PASSWORD :'engine';
CREATE ROLE sg_runtime NOLOGIN;
CREATE ROLE sg_generator NOLOGIN;
CREATE ROLE sg_reader NOLOGIN;
CREATE ROLE generator LOGIN PASSWORD :'generator' IN ROLE sg_generator;
CREATE ROLE reader LOGIN PASSWORD :'reader' IN ROLE sg_reader;
CREATE DATABASE trading OWNER engine;
REVOKE ALL ON DATABASE trading FROM PUBLIC;
GRANT CONNECT ON DATABASE trading TO sg_runtime, sg_generator, sg_reader;
SQL
