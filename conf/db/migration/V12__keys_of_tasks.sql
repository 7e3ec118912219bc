-- Tasks are read with the key that they were submitted under: that of the last submission that began at
-- their id or before, if it has so many tasks.
ALTER TABLE idempotency_key ADD KEY idempotency_key_first (first_id);
