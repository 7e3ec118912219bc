package dev.batuta.messaging.replica;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.ChatMessage;

/**
 * One replicated operation: who made it, its number there (from 1, without gaps), and the bytes
 * that its origin wrote, which no other server changes.
 */
public record Op(Origin origin, long sequence, Bytes content) {

  /** As it came over the bus. */
  public static Op of(ChatMessage.Op wire) {
    return new Op(new Origin(wire.origin(), wire.incarnation()), wire.sequence(), wire.content());
  }

  public OpId id() {
    return new OpId(origin, sequence);
  }

  /** As it goes over the bus. */
  public ChatMessage.Op wire() {
    return new ChatMessage.Op(origin.server(), origin.incarnation(), sequence, content);
  }
}
