-- Users and items stand in events as small integers: an event row is half as large as with text ids (docs/decisions/0002-event-table-layout.md).
CREATE TABLE user (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  attributes TEXT,                      -- JSON object; null where the shop told nothing about the user
  in_events INTEGER NOT NULL            -- 1 once an event names the user
) STRICT;

CREATE TABLE event_item (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  id BLOB NOT NULL,                     -- 16 bytes, big-endian
  type INTEGER NOT NULL,
  user INTEGER,
  item INTEGER,
  time INTEGER NOT NULL,                -- Unix milliseconds
  quantity REAL NOT NULL,
  price REAL,
  basket TEXT,
  session TEXT,
  placement TEXT,
  recommendation TEXT,
  value REAL,
  text TEXT
) STRICT;

CREATE UNIQUE INDEX event_by_id ON event (id);
CREATE INDEX event_by_user ON event (user, time) WHERE user IS NOT NULL;

CREATE TABLE event_day (
  day INTEGER NOT NULL,                 -- days since 0001-01-01, UTC
  type INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalogue_item (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  description TEXT,
  category TEXT NOT NULL,               -- JSON array
  brand TEXT,
  price REAL,
  stock INTEGER,
  image TEXT,
  tags TEXT NOT NULL,                   -- JSON array
  attributes TEXT NOT NULL,             -- JSON object, keys ascending
  translations TEXT NOT NULL,           -- JSON object, keys ascending
  available_from INTEGER                -- Unix milliseconds
) STRICT;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role INTEGER NOT NULL,
  secret_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE training_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trigger TEXT NOT NULL,
  state INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  model_version TEXT,
  report TEXT,
  error TEXT
) STRICT;

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES
  ('last_sequence', 0), ('events', 0), ('event_users', 0), ('event_items', 0), ('catalogue_version', 0);
