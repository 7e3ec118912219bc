package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.zeromq.RequestPort.Asked;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.BiConsumer;

/**
 * Takes the requests of one port: those of one client after each other, as a REP socket does, those
 * of different ones at once. What is beyond the bounds is answered at once that the client has to
 * wait. Belongs to the context of the door.
 */
final class Turns {
  private static final int MOST_STARTED = 4_096;
  private static final int MOST_WAITING = 256;
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Answerer answerer;
  private final int maxMessageBytes;
  private final BiConsumer<Asked, byte[]> reply;

  /** What waits behind a request that is under way, by its client. */
  private final Map<List<ByteBuffer>, Queue<Asked>> clients = new HashMap<>();

  /**
   * @param reply takes the answer to each, once
   */
  Turns(Answerer answerer, int maxMessageBytes, BiConsumer<Asked, byte[]> reply) {
    this.answerer = answerer;
    this.maxMessageBytes = maxMessageBytes;
    this.reply = reply;
  }

  void take(Asked asked) {
    List<ByteBuffer> client = asked.envelope().stream().map(ByteBuffer::wrap).toList();
    Queue<Asked> waiting = clients.get(client);
    if (asked.tooMany()) {
      refuse(
          asked,
          Refused.busy("busy", "You ask more often than this node takes; wait a second.", SOON));
    } else if (waiting == null && clients.size() >= MOST_STARTED) {
      refuse(
          asked,
          Refused.busy(
              "busy", MOST_STARTED + " requests are under way; try again in a second.", SOON));
    } else if (waiting == null) {
      clients.put(client, new ArrayDeque<>());
      start(client, asked);
    } else if (waiting.size() >= MOST_WAITING) {
      refuse(
          asked,
          Refused.busy(
              "busy", MOST_WAITING + " requests of yours wait; read their answers first.", SOON));
    } else {
      waiting.add(asked);
    }
  }

  private void start(List<ByteBuffer> client, Asked asked) {
    Bytes body = asked.body();
    if (body == null) {
      refuse(asked, why(asked.size()));
      next(client);
    } else {
      answerer
          .answer(body.toArray())
          .onComplete(
              (answer, never) -> {
                reply.accept(asked, answer);
                next(client);
              });
    }
  }

  private void next(List<ByteBuffer> client) {
    Queue<Asked> waiting = clients.get(client);
    Asked next = waiting == null ? null : waiting.poll();
    if (next == null) {
      clients.remove(client);
    } else {
      start(client, next);
    }
  }

  /**
   * Why a request is not even read.
   *
   * @param size of its only frame, -1 if it has not exactly one
   */
  private Refused why(int size) {
    if (size < 0) {
      return Refused.invalid(
          "invalid-request", "A request is one frame with a MessagePack map: send just that.");
    }
    return size > maxMessageBytes
        ? Refused.invalid(
            "too-large",
            "The request has %d bytes: give at most %d.".formatted(size, maxMessageBytes))
        : Refused.busy("busy", "Large requests of others wait; try again in a second.", SOON);
  }

  private void refuse(Asked asked, Refused why) {
    Bytes body = asked.body();
    String service = body == null ? "" : Answerer.service(body.toArray());
    reply.accept(asked, answerer.refusal(service, why));
  }
}
