package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.ChatService.Operations;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Reads a server's whole copy of the chat, page by page, as another replica would. One pass after
 * the other: each costs the server its disk. Any thread may ask.
 */
final class OperationScan {
  private static final int PAGE = 500;
  private static final int MOST_ITEMS = 50_000;
  private static final long MOST_BYTES = 8 << 20;
  private static final int MOST_ASKED = 8;

  /** In the order in which things were said, over all servers. */
  private static final Comparator<Sized> OLDEST_FIRST =
      Comparator.<Sized>comparingLong(each -> each.content().timeMillis())
          .thenComparingLong(each -> each.content().clock())
          .thenComparingLong(Sized::number);

  private final Servers servers;
  private final Duration answer;
  private final int mostItems;
  private Future<?> last = Future.succeededFuture();
  private int asked;

  OperationScan(Servers servers, Duration answer) {
    this(servers, answer, MOST_ITEMS);
  }

  OperationScan(Servers servers, Duration answer, int mostItems) {
    this.servers = servers;
    this.answer = answer;
    this.mostItems = mostItems;
  }

  synchronized Future<Operations> since(long sinceMillis) {
    if (asked >= MOST_ASKED) {
      return Future.failedFuture(
          Refused.busy(
              "busy",
              MOST_ASKED + " others read all operations now; try again in a second.",
              Duration.ofSeconds(1)));
    }
    asked++;
    Future<Operations> pass =
        last.transform(before -> new Pass(sinceMillis).next(Optional.empty()))
            .onComplete(done -> ended());
    last = pass;
    return pass;
  }

  private synchronized void ended() {
    asked--;
  }

  /**
   * An operation that was found.
   *
   * @param identity of the name or message that it is about
   * @param number of those that were found before it
   */
  private record Sized(Content content, String identity, int bytes, long number) {}

  /** One pass, by one caller. Of more than may be given it keeps the oldest. */
  private final class Pass {
    private final long sinceMillis;
    private final VersionVector read = new VersionVector();
    private final PriorityQueue<Sized> kept = new PriorityQueue<>(OLDEST_FIRST.reversed());
    private final Set<String> identities = new HashSet<>();
    private long bytes;
    private long found;
    private boolean complete = true;

    Pass(long sinceMillis) {
      this.sinceMillis = sinceMillis;
    }

    /** From the server that gave the page before, as long as it lives. */
    Future<Operations> next(Optional<String> server) {
      Fetch fetch = new Fetch(servers.here(), read.positions(), PAGE);
      return servers
          .askFirst(server, Addresses::replica, fetch, Replicate.class, answer)
          .compose(
              page -> {
                page.answer().ops().forEach(this::take);
                return page.answer().ops().isEmpty()
                    ? Future.succeededFuture(operations())
                    : next(Optional.of(page.server()));
              });
    }

    private Operations operations() {
      List<Content> items = kept.stream().sorted(OLDEST_FIRST).map(Sized::content).toList();
      return new Operations(items, complete);
    }

    private void take(ChatMessage.Op op) {
      Origin origin = new Origin(op.origin(), op.incarnation());
      read.put(origin, op.sequence());
      Content content = Content.decode(op.content().toArray());
      if (content instanceof Content.Unseen || content.timeMillis() < sinceMillis) {
        return;
      }
      String identity = identity(content, origin, op.sequence());
      if (identities.add(identity)) {
        kept.add(new Sized(content, identity, op.content().length(), found++));
        bytes += op.content().length();
      }
      while (kept.size() > mostItems || bytes > MOST_BYTES) {
        Sized newest = kept.remove();
        identities.remove(newest.identity());
        bytes -= newest.bytes();
        complete = false;
      }
    }

    /**
     * Several creations of one name are one name, and ops of one author with one message id one
     * message.
     */
    private static String identity(Content content, Origin origin, long sequence) {
      return switch (content) {
        case Content.Said said -> MessageId.of(said, origin, sequence);
        case Content.User user -> "user " + Name.fold(user.name());
        case Content.Channel channel -> "channel " + Name.fold(channel.name());
        case Content.Unseen _ -> throw new IllegalArgumentException("it is not seen");
      };
    }
  }
}
