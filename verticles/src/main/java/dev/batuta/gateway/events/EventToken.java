package dev.batuta.gateway.events;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The opaque id of an event: how far a client has the events of one run of a gateway, and the
 * position in the messages, which is good at every server.
 *
 * @param messages null before the first message
 */
public record EventToken(long incarnation, long sequence, @Nullable String messages) {
  private static final int RADIX = 36;

  public String encode() {
    String position = messages == null ? "" : messages;
    return Long.toString(incarnation, RADIX)
        + '.'
        + Long.toString(sequence, RADIX)
        + '.'
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(position.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a token; one that is not ours gives nothing. */
  public static Optional<EventToken> decode(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      String position = new String(Base64.getUrlDecoder().decode(parts[2]), StandardCharsets.UTF_8);
      return Optional.of(
          new EventToken(
              Long.parseLong(parts[0], RADIX),
              Long.parseLong(parts[1], RADIX),
              position.isEmpty() ? null : position));
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }
}
