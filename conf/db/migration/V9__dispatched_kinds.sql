-- How far tasks of a kind that not every worker takes may have been dispatched, by the term that
-- accepted them. dispatched_to of that term is about the kinds that every worker takes: a task that
-- waits among them for a worker of its kind uses up no attempts.
CREATE TABLE dispatched_kind (
  term          BIGINT      NOT NULL,
  kind          VARCHAR(32) NOT NULL,
  dispatched_to BIGINT      NOT NULL,
  PRIMARY KEY (term, kind)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
