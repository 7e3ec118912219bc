-- What came of a task that is not the ledger's: JSON, null where there is none.
ALTER TABLE outcome ADD COLUMN result MEDIUMTEXT NULL;
