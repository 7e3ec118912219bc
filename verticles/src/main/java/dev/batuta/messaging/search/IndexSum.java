package dev.batuta.messaging.search;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;

/**
 * A figure of all that an index has: which message has which terms, and where each is in the log.
 * It is kept while the index is written, and made again of what can be read. SQLite does not notice
 * a bit that has become another one inside a term or a list of messages; by this it is noticed.
 *
 * <p>A sum, so that the order does not matter: of each message what its terms are, multiplied by a
 * remainder of its number that any single bit changes.
 */
final class IndexSum {
  /** A prime number: no power of two, and so no one bit, is a multiple of it. */
  private static final long NUMBERS = (1L << 31) - 1;

  /** A smaller one, so that a product of two is no more than a sum of SQLite takes. */
  private static final long PLACES = 65_521;

  private IndexSum() {}

  /** What a message adds to it. */
  static long of(IndexFile.Document document, Collection<String> terms) {
    long sum = 0;
    for (String term : terms) {
      sum += spread(term);
    }
    return sum * (document.id() % NUMBERS)
        + (document.id() % PLACES + 1) * (document.position() % PLACES + 1);
  }

  /** That of all messages which can be read, in the time that this takes. */
  static long read(Connection connection) throws SQLException {
    long sum = 0;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT term, sum(doc %% %d) FROM vocabulary GROUP BY term".formatted(NUMBERS))) {
        while (row.next()) {
          sum += spread(row.getString(1)) * row.getLong(2);
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT coalesce(sum((id %% %1$d + 1) * (position %% %1$d + 1)), 0) FROM document"
                  .formatted(PLACES))) {
        return row.next() ? sum + row.getLong(1) : sum;
      }
    }
  }

  /** Of similar terms it has other bits (the finish of SplitMix64). */
  private static long spread(String term) {
    long bits = term.hashCode() + ((long) term.length() << 32);
    bits = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
    return bits ^ (bits >>> 31);
  }
}
