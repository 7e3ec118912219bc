-- Every collation that MySQL and MariaDB share compares without blanks at the end; bytes are compared
-- as they are, so that 'k' and 'k ' are two keys. As many as 255 characters have.
ALTER TABLE idempotency_key MODIFY name VARBINARY(1020) NOT NULL;
