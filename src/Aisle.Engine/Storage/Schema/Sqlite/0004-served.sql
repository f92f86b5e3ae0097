-- Lists as they were served, with the feature values of their items at that time: what the ranker learns from (docs/ranking.md).
CREATE TABLE served (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  list BLOB NOT NULL,                   -- 16 bytes, big-endian: the beginning of the recommendation id
  time INTEGER NOT NULL,                -- Unix milliseconds
  pipeline TEXT NOT NULL,
  learned INTEGER NOT NULL,             -- 1 where a ranker made the order
  schema INTEGER NOT NULL,              -- hash of the features' names and kinds
  items TEXT NOT NULL,                  -- JSON array in the order of the list
  features BLOB NOT NULL                -- by item: which values are known, then those
) STRICT;

CREATE INDEX served_by_time ON served (time);
