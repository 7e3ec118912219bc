package dev.batuta.messaging.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/**
 * What it means that the index is of no use: damaged, of another schema, or of another log. All of
 * it follows from the log, so it is thrown away and begun anew, which loses nothing.
 */
final class IndexDamage {
  private IndexDamage() {}

  /** What is thrown where a file does not hold what follows from the log. */
  static SQLException found(String what) {
    return new SQLException(what, null, SQLiteErrorCode.SQLITE_CORRUPT.code);
  }

  /** Whether a failure says so; also that a row stands where by all others none can. */
  static boolean isIn(SQLException failure) {
    int code = failure.getErrorCode();
    return code == SQLiteErrorCode.SQLITE_CORRUPT.code
        || code == SQLiteErrorCode.SQLITE_NOTADB.code
        || code == SQLiteErrorCode.SQLITE_CONSTRAINT.code;
  }

  /**
   * Whether a failure says so of a file that is being opened: SQLite has no code of its own for
   * contents that it does not understand.
   */
  static boolean isInOpening(SQLException failure) {
    return isIn(failure) || failure.getErrorCode() == SQLiteErrorCode.SQLITE_ERROR.code;
  }

  /** Whether a part of the file could not be read or written, which a new file may be spared. */
  static boolean isUnread(SQLException failure) {
    return failure.getErrorCode() == SQLiteErrorCode.SQLITE_IOERR.code;
  }

  /** Whether somebody ended a statement: nothing is known of the file by that. */
  static boolean isInterrupt(SQLException failure) {
    return failure.getErrorCode() == SQLiteErrorCode.SQLITE_INTERRUPT.code;
  }

  /** Throws a file away, which nobody has open. */
  static void throwAway(Path path) throws IOException {
    for (String part : new String[] {"-shm", "-wal", ""}) {
      Files.deleteIfExists(path.resolveSibling(path.getFileName() + part));
    }
  }
}
