package dev.batuta.messaging.log;

import dev.batuta.codec.Refused;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A copy of a server's message log: one file, as it is at one moment, whether the server runs
 * meanwhile or not. Files that are copied one after the other while it runs are none: what it wrote
 * last is in a second one.
 *
 * <p>A copy is a new disk: a server that is given it lacks what it acknowledged since, and counts
 * for no majority until it has fetched that from the others.
 */
public final class LogCopy {
  private LogCopy() {}

  /**
   * What a copy holds.
   *
   * @param ops of all servers
   */
  public record Made(long ops, long bytes) {}

  /**
   * Makes one, looks it through, and answers when it is on the disk. Blocking; takes about as long
   * as to read and write the file.
   *
   * @param log of a server, see {@link SqliteOpLog}
   * @param copy not there yet, on a disk with room for the whole log
   * @throws IOException when there is no log, no room, when the log is damaged or of a newer
   *     version, or something is where the copy is to be; then no copy was made
   */
  public static Made make(Path log, Path copy) throws IOException {
    if (!Files.isRegularFile(log)) {
      throw new NoSuchFileException(log.toString());
    }
    // Until it is known as a copy it has another name: half of one would count as a disk that is
    // whole.
    Path part = copy.resolveSibling(copy.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      write(log, part);
      Made made = readThrough(part);
      try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
        file.force(true); // SQLite leaves that to the operating system
      }
      Files.move(part, copy);
      return made;
    } catch (SQLException | IOException | Refused failure) {
      Files.deleteIfExists(part);
      throw new IOException(
          "The message log %s was not copied to %s: %s".formatted(log, copy, failure.getMessage()),
          failure);
    }
  }

  private static void write(Path log, Path copy) throws SQLException {
    try (Connection connection = LogConnection.open(log);
        PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, copy.toString());
      vacuum.execute();
    }
  }

  private static Made readThrough(Path copy) throws SQLException, IOException {
    try (Connection connection = LogConnection.open(copy);
        Statement statement = connection.createStatement()) {
      // An empty file is no log, and would be made one.
      statement.executeQuery("SELECT 1 FROM op LIMIT 1").close();
      LogSchema.prepare(connection, statement, copy);
      long ops = ops(connection);
      // Who opens the copy has an index made anew that is wrong: it is no loss.
      try (LogCheck check = LogCheck.of(copy, (from, to) -> {})) {
        check.structure();
        boolean more = true;
        while (more) {
          more = check.more();
        }
      }
      statement.execute("DELETE FROM state WHERE name = '%s'".formatted(LogFile.COMPLETE));
      return new Made(ops, Files.size(copy));
    }
  }

  private static long ops(Connection connection) throws SQLException {
    try (LogRows rows = new LogRows(connection)) {
      LogRow last = rows.last();
      return last == null ? 0 : last.last();
    }
  }
}
