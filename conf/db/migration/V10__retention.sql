-- Finished tasks are deleted after a while. What comes too late for a deleted one must not take it for
-- one that has not ended.
ALTER TABLE term
  ADD COLUMN forgotten_to BIGINT NOT NULL DEFAULT 0;   -- tasks up to this id may be deleted; of the term in force
-- How far the stragglers of a term have been counted by the term that absorbs it.
ALTER TABLE term
  ADD COLUMN counted_by BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN counted_to BIGINT NOT NULL DEFAULT 0;
