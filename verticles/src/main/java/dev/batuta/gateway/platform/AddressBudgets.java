package dev.batuta.gateway.platform;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.MessageBudget;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many messages may come from one address, over all of its connections, each of which carries
 * one. Of very many addresses those that were heard last are counted. Belongs to one thread.
 */
final class AddressBudgets {
  static final int MAX_ADDRESSES = 10_000;

  private final int perSecond;

  /** Who was heard longest ago in front. */
  private final Map<InetAddress, MessageBudget> budgets = new LinkedHashMap<>(16, 0.75f, true);

  AddressBudgets(int perSecond) {
    this.perSecond = perSecond;
  }

  /**
   * Takes one message in.
   *
   * @param nowNanos of a clock that does not run back
   * @throws Refused BUSY when the address has sent as many in this second as it may
   */
  void take(InetAddress sender, long nowNanos) {
    MessageBudget budget = budgets.computeIfAbsent(sender, first -> new MessageBudget(perSecond));
    if (budgets.size() > MAX_ADDRESSES) {
      Iterator<InetAddress> longestAgo = budgets.keySet().iterator();
      longestAgo.next();
      longestAgo.remove();
    }
    if (!budget.take(nowNanos)) {
      throw Refused.busy(
          "busy",
          "More than %d messages in a second came from %s; wait until the next one."
              .formatted(perSecond, sender.getHostAddress()),
          Duration.ofMillis(budget.leftMillis(nowNanos)));
    }
  }
}
