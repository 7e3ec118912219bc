package dev.batuta.gateway.json;

import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.Names;
import dev.batuta.codec.ChatMessage.Op;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/** Messaging as clients read it. */
public final class ChatJson {
  private ChatJson() {}

  public static JsonObject name(String name) {
    return new JsonObject().put("name", name);
  }

  public static JsonObject names(Names names) {
    JsonArray items = new JsonArray();
    names.items().forEach(name -> items.add(name(name)));
    return new JsonObject().put("items", items).put("next", names.next());
  }

  public static JsonObject page(Page page) {
    JsonArray items = new JsonArray();
    page.items().forEach(posted -> items.add(message(posted)));
    return new JsonObject().put("items", items).put("next", page.next());
  }

  /** A page of what was found, and how far the index lags. */
  public static JsonObject found(Found found) {
    return page(new Page(found.items(), found.next()))
        .put("behind", found.behind())
        .put(
            "indexedUntil",
            found.indexedMillis() == 0
                ? null
                : Instant.ofEpochMilli(found.indexedMillis()).toString());
  }

  /** The ids of what was published at once, in its order. */
  public static JsonObject published(List<String> ids) {
    return new JsonObject().put("accepted", ids.size()).put("ids", new JsonArray(ids));
  }

  /** An op as its origin made it, with the names under which that knew user and channel. */
  public static JsonObject op(Op op) {
    Content content = Content.decode(op.content().toArray());
    JsonObject json =
        new JsonObject()
            .put("origin", op.origin())
            .put("incarnation", Long.toHexString(op.incarnation()))
            .put("sequence", op.sequence())
            .put("kind", Content.kind(content))
            .put("clock", content.clock())
            .put("time", Instant.ofEpochMilli(content.timeMillis()).toString());
    return switch (content) {
      case Content.User user -> json.put("name", user.name());
      case Content.Channel channel -> json.put("name", channel.name());
      case Content.ChannelMessage said ->
          json.put("channel", said.channel()).put("user", said.author()).mergeIn(words(said));
      case Content.DirectMessage said ->
          json.put("from", said.author()).put("to", said.to()).mergeIn(words(said));
      case Content.Unseen _ -> json;
    };
  }

  private static JsonObject words(Content.Said said) {
    return new JsonObject().put("text", said.text()).put("messageId", said.messageId());
  }

  /** A message with its channel, or with its two ends. */
  public static JsonObject message(Posted posted) {
    JsonObject message = new JsonObject().put("id", posted.id());
    if (posted.channel() != null) {
      message.put("channel", posted.channel());
    } else {
      message.put("from", posted.user()).put("to", posted.to());
    }
    return message
        .put("user", posted.user())
        .put("text", posted.text())
        .put("clock", posted.clock())
        .put("time", Instant.ofEpochMilli(posted.timeMillis()).toString())
        .put("origin", posted.origin());
  }
}
