-- What a pipeline that is to be judged would have shown beside a served list (docs/shadow.md).
ALTER TABLE served ADD COLUMN shadow TEXT;           -- JSON: pipeline, items, which of them the served list might have held, what exploration drew; null for none
ALTER TABLE served ADD COLUMN shadow_features BLOB;  -- as features, of the shadow's items
