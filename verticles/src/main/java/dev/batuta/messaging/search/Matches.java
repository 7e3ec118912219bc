package dev.batuta.messaging.search;

import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.ReadingOrder;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The messages that answer a query, from the latest to the earliest in reading order. The index
 * says which may; each is read from the log and judged by what it says, so that an index that is
 * behind or wrong shows nothing that is not there, and nobody what is not his to read. Blocking;
 * one thread.
 */
final class Matches {
  /** At least two clocks are in so many, so that each look ends one. */
  private static final int LEAST_AT_ONCE = 2 * DocumentId.MOST_OF_ONE_CLOCK + 2;

  private static final String SELECT =
      "SELECT d.id, d.position FROM words CROSS JOIN document d ON d.id = words.rowid WHERE words"
          + " MATCH ? AND words.rowid BETWEEN ? AND ? ORDER BY words.rowid DESC LIMIT ?";

  /**
   * A message that was found.
   *
   * @param text folded
   */
  record Match(OpLog.Entry entry, String text) {
    ReadingOrder place() {
      return entry.place();
    }

    int bytes() {
      return entry.op().content().length();
    }
  }

  /** Where to look: below a place, from a clock on. */
  record Range(@Nullable ReadingOrder below, long from) {}

  private final Connection connection;
  private final OpLog log;
  private final SearchQuery query;
  private final Readership readers;
  private final Range range;
  private final int atOnce;
  private final Duration patience;
  private final Queue<IndexFile.Document> waiting = new ArrayDeque<>();
  private long highest;
  private long downTo;
  private boolean isEnd; // of the index
  private int lookedAt;

  /**
   * @param wanted about how many in all
   * @param patience for the log to answer
   */
  Matches(
      Connection connection,
      OpLog log,
      SearchQuery query,
      Readership readers,
      Range range,
      int wanted,
      Duration patience) {
    this.connection = connection;
    this.log = log;
    this.query = query;
    this.readers = readers;
    this.range = range;
    this.atOnce = LEAST_AT_ONCE + wanted;
    this.patience = patience;
    @Nullable ReadingOrder below = range.below();
    this.highest = below == null ? Long.MAX_VALUE : DocumentId.last(below.clock());
  }

  /** Whether there are no more. */
  boolean isDone() {
    return isEnd && waiting.isEmpty();
  }

  /** How many were looked at. */
  int lookedAt() {
    return lookedAt;
  }

  /** All from this clock on were looked at. */
  long lookedDownTo() {
    return downTo;
  }

  /**
   * The next, in their order; there may be more behind these even when it is none.
   *
   * @param wanted how many are to be looked at, or some more
   */
  List<Match> next(int wanted) throws SQLException {
    Map<Long, Long> clocks = new HashMap<>();
    List<Long> positions = new ArrayList<>();
    for (IndexFile.Document document : taken(wanted)) {
      positions.add(document.position());
      clocks.put(document.position(), document.clock());
    }
    lookedAt += positions.size();
    List<Match> matches = new ArrayList<>();
    for (OpLog.Entry entry : read(positions)) {
      if (entry.content() instanceof Content.Said said
          && clocks.getOrDefault(entry.position(), -1L) == said.clock()
          && isWithin(entry.place())
          && readers.mayRead(said)) {
        String text = TextFolding.fold(said.text());
        if (query.matches(text) && isShown(entry)) {
          matches.add(new Match(entry, text));
        }
      }
    }
    matches.sort(Comparator.comparing(Match::place).reversed());
    return matches;
  }

  /** Those of whole clocks: who is first of one clock is seen in the log. */
  private List<IndexFile.Document> taken(int wanted) throws SQLException {
    if (waiting.isEmpty() && !isEnd) {
      ask();
    }
    List<IndexFile.Document> taken = new ArrayList<>();
    IndexFile.@Nullable Document next = waiting.peek();
    while (next != null && (taken.size() < wanted || next.clock() == taken.getLast().clock())) {
      taken.add(waiting.remove());
      next = waiting.peek();
    }
    downTo = next == null ? DocumentId.clock(highest) + 1 : taken.getLast().clock();
    return taken;
  }

  /** Asks the index for some more. */
  private void ask() throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setString(1, query.expression(readers));
      select.setLong(2, DocumentId.first(range.from()));
      select.setLong(3, highest);
      select.setInt(4, atOnce);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          waiting.add(new IndexFile.Document(row.getLong(1), row.getLong(2)));
          highest = row.getLong(1);
        }
      }
    }
    isEnd = waiting.size() < atOnce;
    if (!isEnd) {
      // There may be more of the last one's clock.
      long cut = DocumentId.clock(highest);
      waiting.removeIf(document -> document.clock() == cut);
      highest = DocumentId.last(cut);
    }
  }

  private boolean isWithin(ReadingOrder place) {
    @Nullable ReadingOrder below = range.below();
    return below == null || place.compareTo(below) < 0;
  }

  /** Of several ops that are one message the first in reading order is shown, as in a history. */
  private boolean isShown(OpLog.Entry entry) {
    List<Long> same = log.sameMessage(entry.position());
    return same.isEmpty()
        || read(same).stream().noneMatch(other -> other.place().compareTo(entry.place()) < 0);
  }

  private List<OpLog.Entry> read(List<Long> positions) {
    List<OpLog.Entry> entries = new ArrayList<>();
    List<Long> left = positions;
    while (!left.isEmpty()) {
      List<OpLog.Entry> read = await(log.at(left));
      if (read.isEmpty()) {
        break;
      }
      entries.addAll(read);
      left = left.subList(left.indexOf(read.getLast().position()) + 1, left.size());
    }
    return entries;
  }

  private <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException why
          ? why
          : new IllegalStateException(failed);
    } catch (TimeoutException late) {
      throw new SearchRefusal(log.self().server()).slow(patience);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SearchRefusal(log.self().server()).opening();
    }
  }
}
