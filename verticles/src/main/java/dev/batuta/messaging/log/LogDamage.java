package dev.batuta.messaging.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.messaging.replica.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/**
 * What it means that a file is damaged: it does not hold what was written. Whoever meets it, in
 * whatever way, says so by one kind of exception, and the file is set aside.
 */
final class LogDamage {
  private static final Logger LOG = LoggerFactory.getLogger(LogDamage.class);
  private static final String[] PARTS = {"", "-wal", "-shm"};

  /** So many are kept. */
  static final int MOST = 4;

  private LogDamage() {}

  /** What is thrown where a file does not hold what was written. */
  static SQLException found(String what) {
    return new SQLException(what, null, SQLiteErrorCode.SQLITE_CORRUPT.code);
  }

  /**
   * Whether a failure says that the file is damaged. Not so a table or column that a statement does
   * not find: a defect of ours would have all servers set aside what they hold.
   */
  static boolean isIn(Throwable failure) {
    return failure instanceof SQLException sql
        && (sql.getErrorCode() == SQLiteErrorCode.SQLITE_CORRUPT.code
            || sql.getErrorCode() == SQLiteErrorCode.SQLITE_NOTADB.code);
  }

  /**
   * Gives a file, which nobody has open, another name beside its own. Of more than {@link #MOST}
   * the newest takes the place of the one before: the first ones hold what the others may lack, and
   * a disk that goes on to rot is not filled with copies.
   */
  static void setAside(Path path, SQLException why) throws IOException {
    int number = 1;
    while (number < MOST && isTaken(aside(path, number))) {
      number++;
    }
    Path aside = aside(path, number);
    for (String part : PARTS) {
      Files.deleteIfExists(part(aside, part));
    }
    // The file first: what was written last is in the second, and the first without it would count
    // as whole. SQLite throws the second away where there is no first.
    for (String part : PARTS) {
      if (Files.exists(part(path, part))) {
        Files.move(part(path, part), part(aside, part));
      }
    }
    LOG.atError()
        .addKeyValue("file", path)
        .addKeyValue("aside", aside)
        .addKeyValue("why", why.getMessage())
        .log("message log damaged: it is set aside, a new one is filled from the other servers");
  }

  private static Path aside(Path path, int number) {
    return part(path, ".damaged-" + number);
  }

  private static Path part(Path path, String part) {
    return path.resolveSibling(path.getFileName() + part);
  }

  private static boolean isTaken(Path aside) {
    for (String part : PARTS) {
      if (Files.exists(part(aside, part))) {
        return true;
      }
    }
    return false;
  }

  /** The checksum of an op's row: of all that it says and where it stands. */
  static long checksum(long position, int kind, Origin origin, long sequence, byte[] content) {
    byte[] server = origin.server().getBytes(UTF_8);
    CRC32C crc = new CRC32C();
    crc.update(
        ByteBuffer.allocate(3 * Long.BYTES + Integer.BYTES + server.length)
            .putLong(position)
            .putLong(sequence)
            .putLong(origin.incarnation())
            .putInt(kind)
            .put(server)
            .flip());
    crc.update(content);
    return crc.getValue();
  }

  /** The checksum of a row of state. */
  static long checksum(String name, long value) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
    crc.update(name.getBytes(UTF_8));
    return crc.getValue();
  }
}
