package dev.batuta.messaging.search;

import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Search;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Names;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what was said, on one server. The index is a file of its own that follows behind the log:
 * nobody who publishes waits for it, and it may lag. It holds nothing that does not follow from the
 * log: lost, damaged, or beside another log it is begun anew. Any thread may call.
 *
 * <p>Damage is seen where SQLite meets it, and once after each opening, when all that the file has
 * is read beside those who search and compared with what was written (see {@link IndexSum}). What
 * is damaged later is seen at the next opening.
 */
public final class MessageSearch implements AutoCloseable {
  /** An index that filled the disk would have the log take nothing. */
  private static final long ROOM_BYTES = 64L << 20;

  private final Indexer indexer;
  private final SearchRefusal refusal;

  /**
   * @param path the file, made where there is none
   * @param server its name
   */
  public MessageSearch(Path path, String server) {
    this(path, server, ROOM_BYTES);
  }

  MessageSearch(Path path, String server, long roomBytes) {
    this.refusal = new SearchRefusal(server);
    this.indexer = new Indexer(path, roomBytes, refusal);
  }

  /**
   * Finds what is in another log from now on: another life of the server has begun. Nothing may
   * have come to it from others yet, or it is not seen that it was set back.
   */
  public void follow(OpLog log) {
    indexer.follow(log);
  }

  /** There may be more in the log. */
  public void committed() {
    indexer.signal();
  }

  /** Why nothing is found now, empty while this serves or is being opened. */
  public Optional<String> outage() {
    return indexer.outage();
  }

  /** How many ops of the log are not found yet. */
  public long behind() {
    return indexer.behind();
  }

  /**
   * A page of the messages that answer a query, each once, and how far the index lags.
   *
   * @param limit of the page
   * @return fails as {@link Refused}: INVALID for a query or a place that is none, NOT_FOUND for a
   *     user that is none, UNAVAILABLE while this does not work, BUSY while many ask
   */
  public Future<Found> find(Search request, int limit) {
    try {
      SearchQuery query = SearchQuery.of(request.query());
      SearchPlace begin =
          request.order() == Order.RANK
              ? SearchPlace.among(request.after())
              : SearchPlace.behind(request.after());
      Indexer.Serving serving = indexer.serving();
      if (serving == null) {
        throw outage().map(refusal::unavailable).orElseGet(refusal::opening);
      }
      OpLog log = serving.log();
      Readership readers = readers(log.names(), request.user(), request.own());
      Indexed indexed = indexer.indexed();
      return serving
          .reader()
          .ask(
              (connection, time) ->
                  new PageFinder(connection, log, query, readers, limit, time).page(begin))
          .map(page -> found(log, page, indexed));
    } catch (Refused refused) {
      return Future.failedFuture(refused);
    }
  }

  private static Readership readers(Names names, @Nullable String user, boolean own) {
    if (user == null) {
      return Readership.ofChannels();
    }
    return Readership.of(own ? user : names.resolve(Names.Of.USER, user));
  }

  private static Found found(OpLog log, PageFinder.Found page, Indexed indexed) {
    List<Posted> items =
        page.entries().stream()
            .map(
                entry ->
                    OpLog.posted(
                        log.names(),
                        entry.op().origin(),
                        entry.op().sequence(),
                        (Content.Said) entry.content()))
            .toList();
    long behind = Math.max(0, log.lastPosition() - indexed.position());
    return new Found(items, page.next(), behind, behind == 0 ? 0 : indexed.timeMillis());
  }

  /** Ends it, and waits for that, not longer than about two seconds. */
  @Override
  public void close() {
    indexer.close();
  }
}
