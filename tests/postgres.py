"""A real PostgreSQL for the tests, with the tables of the old gateway."""

import asyncio
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it has no types

# As the old project had them: dates are dates, lists are JSON, and times know their zone.
TABLES = """
CREATE TABLE users (id uuid PRIMARY KEY, email varchar(255) UNIQUE NOT NULL, username varchar(50) UNIQUE,
  password_hash text, first_name text, last_name text, phone text, date_of_birth date, gender text,
  profile_picture_url text, bio text, location jsonb, email_verified boolean DEFAULT false,
  email_verification_token text, email_verification_expires timestamptz, password_reset_token text,
  password_reset_expires timestamptz, two_factor_enabled boolean DEFAULT false, two_factor_secret text,
  backup_codes text[], failed_login_attempts integer DEFAULT 0, locked_until timestamptz,
  privacy_settings jsonb, notification_preferences jsonb, language text DEFAULT 'en',
  timezone text DEFAULT 'UTC', subscription_tier text DEFAULT 'free', subscription_status text,
  subscription_expires timestamptz, billing_info jsonb, is_admin boolean DEFAULT false,
  is_active boolean DEFAULT true, last_login timestamptz, created_at timestamptz, updated_at timestamptz,
  deleted_at timestamptz);
CREATE TABLE family_trees (id uuid PRIMARY KEY, name text NOT NULL, description text,
  user_id uuid REFERENCES users ON DELETE CASCADE, created_at timestamptz, updated_at timestamptz);
CREATE TABLE family_members (id uuid PRIMARY KEY, name text NOT NULL, first_name text, middle_name text,
  last_name text, nickname varchar(100), gender text DEFAULT 'unknown', birth_date date, death_date date,
  place_of_birth text, place_of_death text, occupation varchar(255), biography text, notes text,
  profile_image_url text, parent_ids jsonb, child_ids jsonb, spouse_ids jsonb,
  tree_id uuid REFERENCES family_trees, user_id uuid, created_at timestamptz, updated_at timestamptz);
CREATE TABLE family_relationships (id uuid PRIMARY KEY, relationship_type text, person1_id uuid,
  person2_id uuid, tree_id uuid, user_id uuid, created_at timestamptz,
  UNIQUE (person1_id, person2_id, relationship_type));
"""


@contextmanager
def running() -> Iterator[str]:
    """The address of a PostgreSQL for as long as the block runs; raises LookupError where there is none."""
    folder = Path(tempfile.mkdtemp(prefix="lockstep-pg-"))
    try:
        try:
            with packaged(folder) as url:
                yield url
        except (ImportError, OSError, subprocess.CalledProcessError, AssertionError) as error:
            with installed(folder, error) as url:
                yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def packaged(folder: Path) -> Iterator[str]:
    """The PostgreSQL of the development packages."""
    with warnings.catch_warnings():
        # It minds where sockets are put, which no test does.
        warnings.simplefilter("ignore")
        server = import_module("pgserver").get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def installed(folder: Path, error: Exception) -> Iterator[str]:
    """The PostgreSQL of this machine, run by whoever may."""
    initdb, postgres = shutil.which("initdb"), shutil.which("postgres")
    if initdb is None or postgres is None:
        raise LookupError(f"there is no PostgreSQL: pgserver says {error}, and initdb is not on the path")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = str(folder / "installed")
    subprocess.run([initdb, "-A", "trust", "-U", "postgres", "-D", data], user=user, check=True, stdout=-3)
    command = [postgres, "-D", data, "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    process = subprocess.Popen(command, user=user, stdout=-3, stderr=-3)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(20)


async def load(url: str, name: str, users: list[Any], tables: dict[str, list[Any]]) -> str:
    """The address of a new database that holds these rows."""
    connection = await ready(url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    address = urlsplit(url)._replace(path=f"/{name}").geturl()
    connection = await asyncpg.connect(address)
    await connection.execute(TABLES)
    for table, rows in {"users": users, **tables}.items():
        await connection.execute(
            f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)", json.dumps(rows)
        )
    await connection.close()
    return address


async def ready(url: str) -> Any:
    """A connection, once there is one to be had."""
    for _ in range(200):
        with suppress(OSError, asyncpg.CannotConnectNowError):
            return await asyncpg.connect(url)
        await asyncio.sleep(0.05)
    return await asyncpg.connect(url)
