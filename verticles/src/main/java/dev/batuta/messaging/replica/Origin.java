package dev.batuta.messaging.replica;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One life of a server: every start takes a new random incarnation, because a disk cannot know that
 * it is empty or old, and so no sequence number is ever used twice.
 *
 * @param server name of the server
 * @param incarnation any 64 bits, ordered without sign
 */
public record Origin(String server, long incarnation) implements Comparable<Origin> {

  /**
   * By the bytes of the name, then the incarnation: the order that {@link ReadingOrder} has on
   * disk.
   */
  @Override
  public int compareTo(Origin other) {
    int byName =
        Arrays.compareUnsigned(
            server.getBytes(StandardCharsets.UTF_8), other.server.getBytes(StandardCharsets.UTF_8));
    return byName != 0 ? byName : Long.compareUnsigned(incarnation, other.incarnation);
  }
}
