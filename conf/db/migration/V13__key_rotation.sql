-- One row for each key that has signed tokens; the newest signs, and retires the one before. The others are kept until what
-- they signed has expired. A node of the version before knows the first one only.
ALTER TABLE signing_key MODIFY id INT NOT NULL AUTO_INCREMENT;
