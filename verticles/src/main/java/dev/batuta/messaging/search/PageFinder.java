package dev.batuta.messaging.search;

import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.search.Matches.Match;
import dev.batuta.messaging.search.Matches.Range;
import dev.batuta.messaging.search.SearchPlace.Among;
import dev.batuta.messaging.search.SearchPlace.Behind;
import dev.batuta.messaging.search.SearchPlace.Ranked;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fills a page. It ends where it is full, where there is no more, or where it has taken as long or
 * looked at as many as a page may: then it says where to go on, and may be short. Blocking.
 *
 * @param readers whose messages
 * @param limit of the page
 * @param time that it may take
 */
record PageFinder(
    Connection connection,
    OpLog log,
    SearchQuery query,
    Readership readers,
    int limit,
    SearchTime time) {
  private static final int MOST_LOOKED_AT = 4_000;
  private static final int LEAST_AT_ONCE = 32;

  /** Among so many of the latest the best are found: a common word is in a million. */
  private static final int WINDOW = 300;

  private static final long MOST_BYTES = 1 << 20;

  /** What was found, and what {@code after} the next page begins with; null at the end. */
  record Found(List<OpLog.Entry> entries, @Nullable String next) {}

  Found page(SearchPlace begin) throws SQLException {
    return switch (begin) {
      case Behind behind -> latest(behind);
      case Among among -> best(among);
    };
  }

  private Found latest(Behind begin) throws SQLException {
    Matches matches = matches(new Range(begin.place(), 0), limit, time::isEnough);
    List<Match> found = gathered(matches, limit + 1);
    List<Match> page = cut(found);
    if (page.size() < found.size()) {
      return new Found(entries(page), new Behind(page.getLast().place()).token());
    }
    return new Found(
        entries(page),
        matches.isDone() ? null : new Behind(SearchPlace.floor(matches.lookedDownTo())).token());
  }

  private Found best(Among begin) throws SQLException {
    long from = Math.max(begin.from(), 0);
    Range range = new Range(SearchPlace.floor(begin.below()), from);
    // A window that is known is read to its end, or not at all: what was in it stays in it.
    boolean isKnown = begin.from() >= 0;
    Matches matches = matches(range, WINDOW, isKnown ? () -> false : time::isEnough);
    List<Match> window = isKnown ? matches.rest(WINDOW) : gathered(matches, WINDOW);
    long downTo = matches.isDone() ? from : matches.lookedDownTo();
    // What comes meanwhile is above: it is in no later page of these.
    long below =
        begin.below() < Long.MAX_VALUE || window.isEmpty()
            ? begin.below()
            : window.getFirst().place().clock() + 1;
    record Placed(Ranked rank, Match match) {}
    @Nullable Ranked after = begin.after();
    List<Placed> ranked =
        window.stream()
            .map(match -> new Placed(new Ranked(query.score(match.text()), match.place()), match))
            .filter(placed -> after == null || placed.rank().compareTo(after) > 0)
            .sorted(Comparator.comparing(Placed::rank))
            .toList();
    List<Match> page = cut(ranked.stream().map(Placed::match).toList());
    if (page.size() < ranked.size()) {
      Ranked last = ranked.get(page.size() - 1).rank();
      return new Found(entries(page), new Among(below, downTo, last).token());
    }
    return new Found(entries(page), downTo == 0 ? null : new Among(downTo, -1, null).token());
  }

  private Matches matches(Range range, int wanted, BooleanSupplier isEnough) {
    return new Matches(connection, log, query, readers, range, wanted, time, isEnough);
  }

  private List<Match> gathered(Matches matches, int enough) throws SQLException {
    List<Match> found = new ArrayList<>();
    do {
      int wanted = Math.min(WINDOW, enough - found.size());
      found.addAll(matches.next(Math.max(LEAST_AT_ONCE, wanted)));
    } while (!matches.isDone()
        && found.size() < enough
        && matches.lookedAt() < MOST_LOOKED_AT
        && !time.isEnough());
    return found;
  }

  /** As many as a page has, and a message between servers takes; at least one. */
  private List<Match> cut(List<Match> found) {
    int count = 0;
    long bytes = 0;
    while (count < found.size() && count < limit && bytes < MOST_BYTES) {
      bytes += found.get(count).bytes();
      count++;
    }
    return found.subList(0, count);
  }

  private static List<OpLog.Entry> entries(List<Match> page) {
    return page.stream().map(Match::entry).toList();
  }
}
