package dev.batuta.gateway.http;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.events.EventToken;
import dev.batuta.gateway.json.ChatJson;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The latest messages as events are written, each made once for however many streams: the object of
 * a message is the same for all, and nearly all of them are at the same place. Safe on any thread.
 */
final class MessageTexts {
  private static final int CAPACITY = 256;

  private record Made(Posted message, String json, EventToken token, String text) {}

  private final AtomicReferenceArray<@Nullable Made> made = new AtomicReferenceArray<>(CAPACITY);

  /** The event of a message, by the object that it is, with the id of a stream behind it. */
  @SuppressWarnings("ReferenceEquality")
  String of(Posted message, EventToken token) {
    int at = Math.floorMod(System.identityHashCode(message), CAPACITY);
    Made known = made.get(at);
    boolean isSame = known != null && known.message() == message;
    if (isSame && known.token().equals(token)) {
      return known.text();
    }
    String json = isSame ? known.json() : ChatJson.message(message).encode();
    String text = EventStream.text("messages", token, json);
    made.set(at, new Made(message, json, token, text));
    return text;
  }
}
