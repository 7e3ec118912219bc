package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import java.util.List;

/**
 * What passes between servers of which one is of the release that knew no folds: that one is played
 * by the present rules, and the fields that it did not have are taken from what is said.
 */
final class ReleaseBefore {
  private ReleaseBefore() {}

  static Have read(Have have) {
    return new Have(
        have.server(),
        have.vector(),
        have.clock(),
        have.complete(),
        have.incarnation(),
        have.setBack(),
        List.of(),
        List.of(),
        false);
  }

  static Fetch read(Fetch fetch) {
    return new Fetch(fetch.server(), fetch.vector(), fetch.limit());
  }
}
