-- A DEAD task that is tried again gets as many attempts as at first: its own max_attempts goes up by
-- round each time, and the number of the attempt goes on.
ALTER TABLE attempt ADD COLUMN round INT NOT NULL DEFAULT 0;   -- 0 until it is first tried again
