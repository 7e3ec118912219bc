package dev.batuta.messaging;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.HighWatermark;
import dev.batuta.messaging.replica.VersionVector;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What the subscribers of a feed are given of the latest ops, made once for however many there are:
 * nearly all of them are at the same place. A ring by position; what has left it is made again.
 * Safe on any thread.
 */
final class Deliveries {
  private static final int CAPACITY = 256;

  private record Shown(OpLog.Entry entry, Posted posted) {}

  /** A token, and what had been delivered where it was made. */
  private record Place(VersionVector delivered, String token) {}

  private final AtomicReferenceArray<@Nullable Shown> shown = new AtomicReferenceArray<>(CAPACITY);
  private final AtomicReferenceArray<@Nullable Place> places = new AtomicReferenceArray<>(CAPACITY);

  /** A message as it is read; of one entry the same object. */
  @SuppressWarnings("ReferenceEquality")
  Posted posted(OpLog log, OpLog.Entry entry, Content.Said said) {
    int at = place(entry.position());
    Shown known = shown.get(at);
    if (known != null && known.entry() == entry) {
      return known.posted();
    }
    Posted posted = OpLog.posted(log.names(), entry.op().origin(), entry.op().sequence(), said);
    shown.set(at, new Shown(entry, posted));
    return posted;
  }

  /**
   * The token of what was delivered.
   *
   * @param position of the last op of it
   */
  String token(HighWatermark safe, long position, VersionVector delivered) {
    int at = place(position);
    Place known = places.get(at);
    if (known != null && known.delivered().equals(delivered)) {
      return known.token();
    }
    String token = safe.token(delivered);
    places.set(at, new Place(delivered.copy(), token));
    return token;
  }

  private static int place(long position) {
    return Math.floorMod(position, CAPACITY);
  }
}
