-- Where the submission of a task is in a trace, as the header traceparent says it. Added at once, without a copy
-- of the table, while servers of the version before, which leave it null, go on writing.
ALTER TABLE task
  ADD COLUMN traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL, ALGORITHM = INSTANT;
