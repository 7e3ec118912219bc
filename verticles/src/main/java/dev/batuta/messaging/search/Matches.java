package dev.batuta.messaging.search;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.ReadingOrder;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
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
  private final SearchTime time;
  private final BooleanSupplier isEnough;
  private final Deque<IndexFile.Document> waiting = new ArrayDeque<>();
  private long highest;
  private long downTo;
  private boolean isEnd; // of the index
  private int lookedAt;

  /**
   * @param wanted about how many in all
   * @param time that all of it may take
   * @param isEnough ends a look before it has seen as many as it was to
   */
  Matches(
      Connection connection,
      OpLog log,
      SearchQuery query,
      Readership readers,
      Range range,
      int wanted,
      SearchTime time,
      BooleanSupplier isEnough) {
    this.connection = connection;
    this.log = log;
    this.query = query;
    this.readers = readers;
    this.range = range;
    this.atOnce = LEAST_AT_ONCE + wanted;
    this.time = time;
    this.isEnough = isEnough;
    @Nullable ReadingOrder below = range.below();
    this.highest = below == null ? Long.MAX_VALUE : highestBelow(below);
  }

  /** Of a floor none of its clock, so that each look sees one that was not seen before. */
  private static long highestBelow(ReadingOrder place) {
    return place.equals(SearchPlace.floor(place.clock()))
        ? DocumentId.first(place.clock()) - 1
        : DocumentId.last(place.clock());
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
   * @param wanted how many are to be looked at, or some more; fewer where it takes too long
   * @throws Refused once all of the time is over
   */
  List<Match> next(int wanted) throws SQLException {
    List<IndexFile.Document> taken = taken(wanted);
    List<Match> matches = new ArrayList<>();
    int seen = 0;
    while (seen < taken.size() && !endsBefore(taken, seen)) {
      List<IndexFile.Document> left = taken.subList(seen, taken.size());
      List<Long> positions = left.stream().map(IndexFile.Document::position).toList();
      List<OpLog.Entry> entries = await(log.at(positions));
      int inThis = 0;
      for (OpLog.Entry entry : entries) {
        if (endsBefore(taken, seen + inThis)) {
          break;
        }
        int at = inThis + positions.subList(inThis, positions.size()).indexOf(entry.position());
        look(left.get(at), entry).ifPresent(matches::add);
        inThis = at + 1;
      }
      seen = entries.isEmpty() ? taken.size() : seen + inThis;
    }
    if (seen < taken.size()) {
      putBack(taken, seen, matches);
    }
    lookedAt += seen;
    matches.sort(Comparator.comparing(Match::place).reversed());
    return matches;
  }

  /** All that are left, in their order. */
  List<Match> rest(int atOnce) throws SQLException {
    List<Match> rest = new ArrayList<>();
    do {
      rest.addAll(next(atOnce));
    } while (!isDone());
    return rest;
  }

  /** Whether a look ends before one of those it was to see; of the first clock it sees all. */
  private boolean endsBefore(List<IndexFile.Document> taken, int next) {
    if (Thread.currentThread().isInterrupted()) {
      throw refusal().opening();
    }
    if (time.isOver()) {
      throw refusal().slow();
    }
    return taken.get(next).clock() != taken.getFirst().clock() && isEnough.getAsBoolean();
  }

  /** Leaves to the next look all of the clock that was not seen to its end. */
  private void putBack(List<IndexFile.Document> taken, int seen, List<Match> matches) {
    long cut = taken.get(seen).clock();
    matches.removeIf(match -> match.place().clock() == cut);
    for (IndexFile.Document document : taken.reversed()) {
      if (document.clock() <= cut) {
        waiting.addFirst(document);
      }
    }
    downTo = cut + 1;
  }

  /** What the index says may answer, once it is seen what it says. */
  private Optional<Match> look(IndexFile.Document document, OpLog.Entry entry) {
    if (entry.content() instanceof Content.Said said
        && document.clock() == said.clock()
        && isWithin(entry.place())
        && readers.mayRead(said)) {
      String text = TextFolding.fold(said.text());
      if (query.matches(text) && isShown(entry)) {
        return Optional.of(new Match(entry, text));
      }
    }
    return Optional.empty();
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
          .get(time.left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException why
          ? why
          : new IllegalStateException(failed);
    } catch (TimeoutException late) {
      throw refusal().slow();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refusal().opening();
    }
  }

  private SearchRefusal refusal() {
    return new SearchRefusal(log.self().server());
  }
}
