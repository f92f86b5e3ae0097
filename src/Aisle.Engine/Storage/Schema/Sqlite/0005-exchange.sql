-- Neighbours whose order in a served list was left to chance, so that places can be told from what stands in them (docs/ranking.md).
ALTER TABLE served ADD COLUMN exchange INTEGER;   -- place of the first of the two, from 0; null for none
ALTER TABLE served ADD COLUMN exchanged INTEGER;  -- 1 where they changed places
