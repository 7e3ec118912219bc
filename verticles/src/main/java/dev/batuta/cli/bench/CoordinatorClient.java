package dev.batuta.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.EventFeed;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.ServerSentEvents.Event;
import java.time.Duration;
import java.util.Optional;

/** A client that hears from one server who coordinates, and when it heard. */
final class CoordinatorClient implements AutoCloseable {
  private static final Duration PRESENT = Duration.ofSeconds(10);

  private final EventFeed feed;

  private CoordinatorClient(EventFeed feed) {
    this.feed = feed;
  }

  /**
   * Another coordinator, as this client heard of it.
   *
   * @param millis since the coordinator before was made to fail
   * @param gapMillis since this client heard that there was none, 0 if it did not
   */
  record TakeOver(String coordinator, long epoch, double millis, double gapMillis) {}

  static CoordinatorClient follow(Api server, Output output) {
    return new CoordinatorClient(
        EventFeed.follow(server, "/events?types=coordinator", output::remark));
  }

  /** Waits until this client knows what others know. */
  void awaitCoordinator(String coordinator, long epoch) {
    long end = System.nanoTime() + PRESENT.toNanos();
    while (System.nanoTime() < end) {
      var heard = next(end);
      if (heard.isPresent()
          && heard.get().path("epoch").asLong() == epoch
          && heard.get().path("coordinator").asText().equals(coordinator)) {
        return;
      }
    }
    throw Problem.failed(
        "no-events",
        "a server did not say within %d s that %s coordinates in epoch %d"
            .formatted(PRESENT.toSeconds(), coordinator, epoch));
  }

  /**
   * Waits for another coordinator with full powers in a newer epoch.
   *
   * @param startNanos when the one before was made to fail
   */
  TakeOver awaitTakeOver(LocalCluster.Calm before, long startNanos, Duration patience) {
    long end = startNanos + patience.toNanos();
    long free = 0;
    String last = "nothing";
    while (System.nanoTime() < end) {
      var heard = next(end);
      long now = System.nanoTime();
      if (heard.isEmpty()) {
        continue;
      }
      var body = heard.get();
      last = Output.compact(body);
      if (!body.hasNonNull("coordinator")) {
        free = free == 0 ? now : free;
      } else if (isOther(body, before)) {
        return new TakeOver(
            body.path("coordinator").asText(),
            body.path("epoch").asLong(),
            (now - startNanos) / 1e6,
            free == 0 ? 0 : (now - free) / 1e6);
      }
    }
    throw Problem.failed(
        "no-take-over",
        "nobody took over from %s within %d s; heard last: %s"
            .formatted(before.coordinator(), patience.toSeconds(), last));
  }

  private static boolean isOther(JsonNode body, LocalCluster.Calm before) {
    return body.path("epoch").asLong() > before.epoch()
        && !body.path("acting").asBoolean()
        && !body.path("coordinator").asText().equals(before.coordinator());
  }

  private Optional<JsonNode> next(long endNanos) {
    return feed.next(Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime())))
        .map(Event::json);
  }

  @Override
  public void close() {
    feed.close();
  }
}
