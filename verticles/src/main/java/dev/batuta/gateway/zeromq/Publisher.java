package dev.batuta.gateway.zeromq;

import static dev.batuta.gateway.zeromq.Reply.data;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.gateway.events.MessageAccess;
import dev.batuta.gateway.events.MessageEvents;
import dev.batuta.gateway.events.MessageSource;
import dev.batuta.gateway.zeromq.Answerer.Node;
import dev.batuta.identity.Caller;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what happens here, by whatever door it came: messages on the name of their channel or
 * of the user whom they are for, all ops on {@code replication}, and who coordinates on {@code
 * servers}. Belongs to the context of the door.
 */
final class Publisher {
  /** Takes what is to be published. */
  interface Topic {
    /**
     * @param whole whether only those get it who subscribed to the whole topic, in any spelling
     */
    void publish(byte[] topic, boolean whole, byte[] body);
  }

  private final Vertx vertx;
  private final EventHub events;
  private final MessageSource source;
  private final Caller door;
  private final Node node;
  private final SubscriptionPort port;
  private final SeenOps seen;
  private final Topic topic;
  private @Nullable MessageEvents messages;
  private EventHub.@Nullable Subscription coordinators;

  Publisher(
      Vertx vertx,
      EventHub events,
      MessageSource source,
      Caller door,
      Node node,
      SubscriptionPort port,
      SeenOps seen,
      Topic topic) {
    this.vertx = vertx;
    this.events = events;
    this.source = source;
    this.door = door;
    this.node = node;
    this.port = port;
    this.seen = seen;
    this.topic = topic;
  }

  void start() {
    coordinators =
        events.follow(
            "coordinator", vertx.getOrCreateContext(), event -> coordinates(event.body()));
    MessageEvents followed = follow();
    messages = followed;
    followed.start();
  }

  private MessageEvents follow() {
    return new MessageEvents(
        vertx,
        source,
        MessageAccess.filter(door, null, null),
        "zeromq",
        new MessageEvents.Heard() {
          @Override
          public void hear(Posted message) {
            said(message);
          }

          @Override
          public void created(Content creation) {
            replicate(creation, false);
          }
        });
  }

  void stop() {
    if (messages != null) {
      messages.stop();
    }
    if (coordinators != null) {
      coordinators.cancel();
    }
  }

  private void coordinates(JsonObject event) {
    String coordinator = event.getString("coordinator");
    if (coordinator != null && port.hasListeners()) {
      byte[] body =
          Reply.bytes(
              "election",
              data("coordinator", coordinator),
              node.timeMillis().getAsLong(),
              node.clock().beforeSend());
      topic.publish("servers".getBytes(UTF_8), false, body);
    }
  }

  private void said(Posted message) {
    replicate(op(message), message.channel() == null);
    if (!port.hasListeners()) {
      return;
    }
    String channel = message.channel();
    String to = message.to();
    if (channel != null) {
      Map<String, Object> map = data("user", message.user());
      map.put("channel", channel);
      topic.publish(channel.getBytes(UTF_8), false, body(map, message));
    } else if (to != null) {
      Map<String, Object> map = data("from", message.user());
      map.put("src", message.user());
      map.put("dst", to);
      topic.publish(to.getBytes(UTF_8), true, body(map, message));
    }
  }

  private static byte[] body(Map<String, Object> map, Posted message) {
    map.put("message", message.text());
    map.put("timestamp", Reply.seconds(message.timeMillis()));
    map.put("clock", message.clock());
    return StrictWriter.write(map);
  }

  private static Content op(Posted message) {
    String channel = message.channel();
    return channel != null
        ? new Content.ChannelMessage(
            channel, message.user(), message.text(), "", message.clock(), message.timeMillis())
        : new Content.DirectMessage(
            message.user(),
            String.valueOf(message.to()),
            message.text(),
            "",
            message.clock(),
            message.timeMillis());
  }

  /**
   * Publishes an op for other systems.
   *
   * @param whole whether only those get it who ask for ops, as for a direct message, and not those
   *     who listen to all topics
   */
  private void replicate(Content op, boolean whole) {
    ReplicatedForm.echo(op).identity().ifPresent(seen::add);
    if (port.isReplicated()) {
      byte[] body =
          Reply.bytes(
              "replicate",
              ReplicatedForm.request(op),
              node.timeMillis().getAsLong(),
              node.clock().beforeSend());
      topic.publish("replication".getBytes(UTF_8), whole, body);
    }
  }
}
