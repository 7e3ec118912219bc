package dev.batuta.gateway;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What went through a door since it was made. Safe on any thread.
 *
 * <p>A reason is the stable error code of a refusal, such as {@code message-too-large}: there are
 * some tens of them, and none is made from what a client sent.
 */
public final class DoorCounts {
  private final LongAdder opened = new LongAdder();
  private final LongAdder closed = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();

  /**
   * The figures at one moment.
   *
   * @param connections that are open
   * @param received messages of clients, since the door was made
   * @param sent messages to clients
   * @param refused by reason
   */
  public record Figures(long connections, long received, long sent, Map<String, Long> refused) {}

  public void opened() {
    opened.increment();
  }

  public void closed() {
    closed.increment();
  }

  public void received() {
    received.increment();
  }

  public void sent() {
    sent.increment();
  }

  /** Counts a refusal by its error code. */
  public void refused(String reason) {
    refused.computeIfAbsent(reason, first -> new LongAdder()).increment();
  }

  /** As of now; the parts may be some messages apart. */
  public Figures figures() {
    Map<String, Long> reasons = new TreeMap<>();
    refused.forEach((reason, count) -> reasons.put(reason, count.sum()));
    return new Figures(
        Math.max(0, opened.sum() - closed.sum()), received.sum(), sent.sum(), reasons);
  }
}
