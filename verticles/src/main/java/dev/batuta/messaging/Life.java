package dev.batuta.messaging;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Batch;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.search.MessageSearch;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One life of a server: what goes with one incarnation, and answers requests from it.
 *
 * @param log its copy
 * @param replicas how the copy becomes the same as the others
 * @param search finds what is in the copy
 */
record Life(OpLog log, Replication replicas, MessageSearch search) {
  private static final int STANDARD_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;
  private static final int MOST_WAITING = 100_000;

  /** Answers a request; on the context of the verticle. */
  Future<? extends Message> answer(Envelope envelope) {
    if (!(envelope.message() instanceof ChatMessage request)) {
      return Future.failedFuture(unknownRequest(envelope.message()));
    }
    Names names = log.names();
    return switch (request) {
      case ChatMessage.CreateUser create -> registered(create);
      case ChatMessage.CreateChannel create -> created(Draft.of(create));
      case ChatMessage.Publish publish -> posted(Draft.of(publish));
      case ChatMessage.Direct direct -> posted(Draft.of(direct));
      case ChatMessage.PublishAll all -> postedAll(Batch.of(all));
      case ChatMessage.ListUsers list ->
          Future.succeededFuture(page(names, Names.Of.USER, list.after(), list.limit()));
      case ChatMessage.ListChannels list ->
          Future.succeededFuture(page(names, Names.Of.CHANNEL, list.after(), list.limit()));
      case ChatMessage.History history ->
          read(
              Content.ofChannel(names.resolve(Names.Of.CHANNEL, history.channel())),
              history.after(),
              history.limit(),
              history.last());
      case ChatMessage.Conversation talk ->
          read(
              Content.ofPair(
                  names.resolve(Names.Of.USER, talk.user()),
                  names.resolve(Names.Of.USER, talk.with())),
              talk.after(),
              talk.limit(),
              talk.last());
      case ChatMessage.AskDigest ask -> digest();
      case ChatMessage.ReadCopy page -> copied(page);
      case ChatMessage.Search wanted -> replicas.here(search.find(wanted, bounded(wanted.limit())));
      case Created _,
          Posted _,
          ChatMessage.PostedAll _,
          ChatMessage.Names _,
          ChatMessage.Page _,
          ChatMessage.Found _,
          ChatMessage.Digest _,
          ChatMessage.Synced _,
          ChatMessage.Copied _ ->
          Future.failedFuture(unknownRequest(request));
      case ChatMessage.Replicate _,
          ChatMessage.Have _,
          ChatMessage.Fetch _,
          ChatMessage.AskSync _ ->
          Future.failedFuture(unknownRequest(request));
    };
  }

  private static Refused unknownRequest(Message message) {
    return new Refused(
        Kind.INVALID,
        "messaging-request",
        "The messaging service does not answer " + message.getClass().getSimpleName() + ".");
  }

  private Future<OpLog.Made> made(Draft draft) {
    return made(Batch.of(draft)).map(List::getFirst);
  }

  private Future<List<OpLog.Made>> made(Batch batch) {
    if (replicas.waiting() >= MOST_WAITING) {
      return Future.failedFuture(
          new Refused(
              new Failure(
                  Kind.BUSY,
                  "messages-busy",
                  "%d messages wait for other servers: try again in a second."
                      .formatted(MOST_WAITING),
                  1000)));
    }
    return replicas
        .here(log.make(batch))
        .compose(made -> Future.all(acknowledged(made)).map(enough -> made));
  }

  /** Of an origin's ops enough servers have all up to the last, where they have that. */
  private List<Future<Void>> acknowledged(List<OpLog.Made> made) {
    Map<Origin, OpLog.Made> last = new HashMap<>();
    for (OpLog.Made one : made) {
      last.merge(
          one.id().origin(),
          one,
          (some, other) -> some.id().sequence() > other.id().sequence() ? some : other);
    }
    return last.values().stream()
        .map(one -> replicas.acknowledged(one.id(), one.repeated()))
        .toList();
  }

  /**
   * A token's own name is registered at its first use, and answered as it is known from then on.
   */
  private Future<Created> registered(ChatMessage.CreateUser create) {
    Optional<String> known =
        create.own() ? log.names().known(Names.Of.USER, create.name()) : Optional.empty();
    return known
        .map(name -> Future.succeededFuture(new Created(name)))
        .orElseGet(() -> created(Draft.of(create)));
  }

  private Future<Created> created(Draft draft) {
    return made(draft)
        .map(
            made ->
                switch (made.content()) {
                  case Content.User user ->
                      new Created(log.names().shown(Names.Of.USER, user.name()));
                  case Content.Channel channel -> new Created(channel.name());
                  default -> throw new IllegalStateException("no creation: " + made);
                });
  }

  private Future<Posted> posted(Draft draft) {
    return made(draft)
        .map(
            made ->
                switch (made.content()) {
                  case Content.Said said ->
                      OpLog.posted(log.names(), made.id().origin(), made.id().sequence(), said);
                  default -> throw new IllegalStateException("no message: " + made);
                });
  }

  private Future<ChatMessage.PostedAll> postedAll(Batch batch) {
    return made(batch)
        .map(all -> new ChatMessage.PostedAll(all.stream().map(Life::publicId).toList()));
  }

  private static String publicId(OpLog.Made made) {
    return MessageId.of((Content.Said) made.content(), made.id().origin(), made.id().sequence());
  }

  private static ChatMessage.Names page(
      Names names, Names.Of kind, @Nullable String after, int limit) {
    Names.Page page = names.page(kind, after, bounded(limit));
    return new ChatMessage.Names(page.items(), page.next());
  }

  private Future<ChatMessage.Page> read(
      String conversation, @Nullable String after, int limit, boolean last) {
    return replicas
        .here(
            last
                ? log.last(conversation, bounded(limit))
                : log.read(conversation, after, bounded(limit)))
        .map(
            read ->
                new ChatMessage.Page(
                    read.entries().stream()
                        .map(
                            entry ->
                                OpLog.posted(
                                    log.names(),
                                    entry.op().origin(),
                                    entry.op().sequence(),
                                    (Content.Said) entry.content()))
                        .toList(),
                    read.next()));
  }

  private Future<ChatMessage.Digest> digest() {
    return replicas
        .here(log.digest())
        .map(
            digest -> {
              Replica.Counts counts = log.counts();
              return new ChatMessage.Digest(
                  log.self().server(),
                  digest,
                  counts.users(),
                  counts.channels(),
                  counts.channelMessages(),
                  counts.directMessages(),
                  log.complete());
            });
  }

  /** In the order in which this server applied them, which another life of it may not know. */
  private Future<ChatMessage.Copied> copied(ChatMessage.ReadCopy page) {
    long life = log.self().incarnation();
    if (page.after() > 0 && page.incarnation() != life) {
      return Future.failedFuture(
          new Refused(
              Kind.INVALID,
              "after-invalid",
              "%s was started anew since the page before: begin again."
                  .formatted(log.self().server())));
    }
    int limit = bounded(page.limit());
    return replicas
        .here(log.since(page.after(), limit))
        .map(
            entries ->
                new ChatMessage.Copied(
                    log.self().server(),
                    life,
                    entries.stream().map(entry -> entry.op().wire()).toList(),
                    entries.isEmpty() || entries.getLast().position() >= log.lastPosition()
                        ? 0
                        : entries.getLast().position()));
  }

  private static int bounded(int limit) {
    return limit <= 0 ? STANDARD_PAGE : Math.min(limit, LARGEST_PAGE);
  }
}
