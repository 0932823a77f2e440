-- Run by a superuser in template1, once the roles hub (the owner) and hub_app (the runner) exist.
-- The role that runs the hub reads and writes the owner's tables; it neither alters nor owns any.
create extension if not exists unaccent;
create extension if not exists pg_trgm;
create extension if not exists btree_gin;
grant usage on schema public to hub_app;
alter default privileges for role hub grant select, insert, update, delete on tables to hub_app;
alter default privileges for role hub grant usage, select on sequences to hub_app;
