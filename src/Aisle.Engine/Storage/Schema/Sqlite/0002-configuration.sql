CREATE TABLE configuration (
  kind TEXT NOT NULL,                   -- pipelines, rules
  version INTEGER NOT NULL,
  document TEXT NOT NULL,               -- YAML as its author wrote it
  note TEXT,
  published_at INTEGER NOT NULL,        -- Unix milliseconds
  PRIMARY KEY (kind, version)
) STRICT, WITHOUT ROWID;
