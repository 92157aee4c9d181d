#!/usr/bin/env bash
# Creates the metastore's role and database; run again it changes nothing but the password. psql finds the server through PG*.
set -euo pipefail
: "${HIVE_DB_PASSWORD:?init.sh needs the password of the role hive}"
export HIVE_DB_PASSWORD

# The password comes in by the environment: on the command line every user of the machine could read it.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set password `printf %s "$HIVE_DB_PASSWORD"`
SELECT 'CREATE ROLE hive LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hive') \gexec
SET password_encryption = 'scram-sha-256';
ALTER ROLE hive PASSWORD :'password';
SELECT 'CREATE DATABASE metastore OWNER hive' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'metastore') \gexec
REVOKE ALL ON DATABASE metastore FROM PUBLIC;
SQL
