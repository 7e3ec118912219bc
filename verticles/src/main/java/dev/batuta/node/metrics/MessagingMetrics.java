package dev.batuta.node.metrics;

import dev.batuta.messaging.MessagingCounts;
import dev.batuta.messaging.MessagingVerticle;
import dev.batuta.messaging.log.LogCounts;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.search.MessageSearch;

/** The copy of the chat that a server has, and how the copies become the same. */
public final class MessagingMetrics implements Family {
  private final MessagingVerticle messaging;

  public MessagingMetrics(MessagingVerticle messaging) {
    this.messaging = messaging;
  }

  @Override
  public void read(Samples samples) {
    ops(samples, messaging.counts());
    samples
        .gauge(
            "unshown_ops",
            "Ops that came since the start and that a majority is not known to have.")
        .add(messaging.unshown());
    messaging.log().ifPresent(log -> log(samples, log));
    messaging.search().ifPresent(search -> search(samples, search));
  }

  private static void ops(Samples samples, MessagingCounts counts) {
    var applied = samples.counter("ops_applied", "Ops that came into this copy.");
    applied.add(counts.made(), "origin", "own");
    applied.add(counts.received(), "origin", "other");
    samples
        .histogram(
            "publish_confirmation_seconds",
            "From an op being on this disk until enough servers had it.")
        .add(counts.confirmations());
    samples
        .counter(
            "publishes_unconfirmed", "Ops of which nobody knew in time whether enough had them.")
        .add(counts.unconfirmed());
    samples
        .gauge("publishes_waiting", "Ops that wait for enough servers to have them.")
        .add(counts.waiting());
    var lag =
        samples.gauge(
            "replica_lag_ops",
            "Ops of this server, since its start, that another one has not said to have.");
    counts.lags().forEach((peer, ops) -> lag.add(ops, "peer", peer));
    var comparisons =
        samples.counter("replica_comparisons", "Comparisons of copies that this server began.");
    comparisons.add(counts.compared(), "outcome", "equal");
    comparisons.add(counts.notCompared(), "outcome", "broken-off");
    samples
        .counter("replica_repaired_ops", "Ops that comparisons moved, either way.")
        .add(counts.moved());
  }

  private static void search(Samples samples, MessageSearch search) {
    samples
        .gauge("search_behind_ops", "Ops of this copy that cannot be found yet.")
        .add(search.behind());
    samples
        .gauge("search_outage", "Whether nothing can be found here: 1 while that is so.")
        .add(search.outage().isPresent() ? 1 : 0);
  }

  private static void log(Samples samples, OpLog log) {
    Replica.Counts held = log.counts();
    var items = samples.gauge("replica_items", "What this copy holds.");
    items.add(held.users(), "kind", "user");
    items.add(held.channels(), "kind", "channel");
    items.add(held.channelMessages(), "kind", "channel-message");
    items.add(held.directMessages(), "kind", "direct-message");
    items.add(held.unknown(), "kind", "unknown");
    LogCounts writes = log.writes();
    samples
        .histogram("log_flush_seconds", "Commits of the message log, each a flush of its disk.")
        .add(writes.flushes());
    samples
        .counter(
            "log_write_failures", "Times that the message log took nothing: its disk, or damage.")
        .add(writes.failures());
    samples
        .gauge("log_waiting_bytes", "What waits to be written to the message log.")
        .add(writes.waitingBytes());
  }
}
