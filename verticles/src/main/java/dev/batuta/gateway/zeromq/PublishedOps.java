package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.zeromq.Answerer.Node;
import dev.batuta.gateway.zeromq.PublicationPort.Came;
import dev.batuta.gateway.zeromq.Service.Request;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what publishers send: it is decoded, checked and kept as a message like any other, which
 * then reaches subscribers of all doors; bytes of theirs go nowhere. What has no shape that is
 * known here, and what other systems say of their coordinators, is ignored and counted. Belongs to
 * the context of the door.
 */
final class PublishedOps {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedOps.class);

  private final ForeignOps foreign;
  private final Node node;

  PublishedOps(ForeignOps foreign, Node node) {
    this.foreign = foreign;
    this.node = node;
  }

  /** Completes when it is stored or ignored; it does not fail. */
  Future<Void> take(Came came) {
    node.countRequest().run();
    try {
      String topic = UTF_8.newDecoder().decode(ByteBuffer.wrap(came.topic().toArray())).toString();
      LooseMap map = LooseReader.read(came.body().toArray());
      // In a message itself the field of that name is none of ours.
      LooseMap data = map.has("data") && !map.has("message") ? map.map("data") : map;
      node.received(new Request(map, data));
      return switch (topic) {
        case "servers" -> Future.succeededFuture();
        case "replication" -> store(ForeignOp.replicated(data));
        default -> store(published(topic, data));
      };
    } catch (CharacterCodingException | RuntimeException ignored) {
      return ignored(ignored);
    }
  }

  private ForeignOp published(String topic, LooseMap data) {
    ForeignOp op = ForeignOp.published(topic, data);
    if (data.has("timestamp") && op.timeMillis().isEmpty()) {
      node.counts().refused("time-ignored");
    }
    return op;
  }

  private Future<Void> store(ForeignOp op) {
    return foreign.store(op).recover(this::ignored);
  }

  private Future<Void> ignored(Throwable why) {
    if (why instanceof Refused refused && !Refused.isDefect(why)) {
      node.counts().refused(refused.failure().code());
      LOG.debug("a publication was ignored: {}", why.getMessage());
    } else if (why instanceof CharacterCodingException) {
      node.counts().refused("invalid-text");
    } else {
      node.counts().refused("internal");
      LOG.error("a publication failed", why);
    }
    return Future.succeededFuture();
  }
}
