-- The balance before the last batch, from which the entries of that batch are written: so an account
-- is looked up, locked, checked and changed by one statement.
ALTER TABLE account ADD COLUMN previous DECIMAL(19,2) NOT NULL DEFAULT 0.00;
