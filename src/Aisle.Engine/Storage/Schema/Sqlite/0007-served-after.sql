-- Joining served lists with what came of them need not read what happened before the first of them.
ALTER TABLE served ADD COLUMN after_event INTEGER NOT NULL DEFAULT 0;  -- sequence of an event stored before the list was served; 0 where it is not known
