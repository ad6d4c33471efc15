#!/bin/sh
# Run once by the PostgreSQL image, when its volume is empty. The application's role owns nothing,
# so that row-level security binds it.
psql --no-psqlrc --username="${POSTGRES_USER:-postgres}" --dbname=postgres --set=ON_ERROR_STOP=1 \
    --set=owner_password="$APP_OWNER_PASSWORD" --set=app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE app_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB PASSWORD :'owner_password';
CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE app OWNER app_owner;
SQL
