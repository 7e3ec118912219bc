-- Who lives, and who carries on the queues of those who do not.

-- One row for each server that ever had a queue. Times are the clock of the database.
CREATE TABLE server_lease (
  server      VARCHAR(64) NOT NULL PRIMARY KEY,
  incarnation BIGINT      NOT NULL,               -- of its run; it holds GET_LOCK('batuta-<hex>') for life
  released    BOOLEAN     NOT NULL,               -- its queue is closed, on purpose
  renewed_at  DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Who was given the tasks of a server that is dead; null once it has opened its queue again.
ALTER TABLE queue ADD COLUMN heir VARCHAR(64) NULL;

-- A term that is over is absorbed by the term in force of the server that has its tasks now: then
-- all of them have ended, or are stragglers whose attempts so far are given up.
ALTER TABLE term
  ADD COLUMN carrier BIGINT NOT NULL DEFAULT 0,   -- the term that absorbed it; its own while in force
  ADD COLUMN pending BIGINT NOT NULL DEFAULT 0,   -- of its stragglers, when it was absorbed
  ADD COLUMN failed  BIGINT NOT NULL DEFAULT 0,
  DROP KEY term_server,
  ADD KEY term_server (server, carrier);
