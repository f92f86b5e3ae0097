CREATE TABLE choice (
  name TEXT PRIMARY KEY,
  settled INTEGER NOT NULL,             -- number of the last settled decision; goes on where decisions were dropped
  snapshot_settled INTEGER,             -- what was learned, up to this decision
  snapshot_fingerprint TEXT,
  snapshot BLOB
) STRICT;

CREATE TABLE choice_decision (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  choice TEXT NOT NULL,
  id TEXT NOT NULL,
  user TEXT,
  mode INTEGER NOT NULL,
  made_at INTEGER NOT NULL,             -- Unix milliseconds
  closes_at INTEGER NOT NULL,
  chosen BLOB NOT NULL,                 -- a 4-byte index of an action for each place
  propensities BLOB NOT NULL,           -- an 8-byte number for each place
  rewards BLOB NOT NULL,                -- likewise; not a number where no reward came
  settled INTEGER,
  settled_at INTEGER
) STRICT;

CREATE UNIQUE INDEX choice_decision_by_id ON choice_decision (choice, id);
CREATE UNIQUE INDEX choice_decision_by_settled ON choice_decision (choice, settled) WHERE settled IS NOT NULL;
CREATE INDEX choice_decision_waiting ON choice_decision (closes_at) WHERE settled IS NULL;

-- Apart, because a reward writes its decision's row anew, and a question is a hundred times as large.
CREATE TABLE choice_question (
  decision INTEGER PRIMARY KEY,
  question BLOB NOT NULL
) STRICT;
