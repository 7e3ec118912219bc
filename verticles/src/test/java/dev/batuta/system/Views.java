package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.EpochHistory.Epoch;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What each server says of the coordinator, asked again and again. */
final class Views implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);

  /**
   * An answer.
   *
   * @param acting whether the coordinator is one for clock and sync only
   */
  record View(
      String server, @Nullable String coordinator, long epoch, boolean acting, long atMillis) {

    /** With all powers. */
    boolean names(String name) {
      return name.equals(coordinator) && !acting;
    }

    @Override
    public String toString() {
      return server + ": " + coordinator + (acting ? " acting" : "") + ", epoch " + epoch;
    }
  }

  private final Client client;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<View> changes = new ConcurrentLinkedQueue<>();
  private final Map<String, View> latest = new ConcurrentHashMap<>();

  /**
   * Begins to ask.
   *
   * @param urls by server
   */
  Views(Client client, Map<String, String> urls) {
    this.client = client;
    urls.forEach((server, url) -> threads.add(Thread.ofVirtual().start(() -> follow(server, url))));
  }

  private void follow(String server, String url) {
    while (running.get()) {
      try {
        Client.Answer answer = client.get(url, "/api/v1/cluster");
        if (answer.status() == 200) {
          seen(server, answer.body());
        }
      } catch (IOException e) {
        latest.remove(server);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private void seen(String server, JsonObject cluster) {
    View view =
        new View(
            server,
            cluster.getString("coordinator"),
            cluster.getLong("epoch"),
            cluster.getBoolean("acting"),
            System.currentTimeMillis());
    View before = latest.put(server, view);
    boolean same =
        before != null
            && before.epoch() == view.epoch()
            && before.acting() == view.acting()
            && String.valueOf(before.coordinator()).equals(String.valueOf(view.coordinator()));
    if (!same) {
      changes.add(view);
    }
  }

  /** Whether the latest answer of each of these servers, given after an instant, names it. */
  boolean allName(List<String> servers, String coordinator, long sinceMillis) {
    return servers.stream()
        .allMatch(
            server ->
                Optional.ofNullable(latest.get(server))
                    .filter(view -> view.atMillis() >= sinceMillis)
                    .filter(view -> view.names(coordinator))
                    .isPresent());
  }

  /** Whether the latest answer of each of these servers, given after an instant, names nobody. */
  boolean nobodyHasPowers(List<String> servers, long sinceMillis) {
    return servers.stream()
        .allMatch(
            server ->
                Optional.ofNullable(latest.get(server))
                    .filter(view -> view.atMillis() >= sinceMillis)
                    .filter(view -> view.coordinator() == null || view.acting())
                    .isPresent());
  }

  /** The latest answers. */
  List<View> latest() {
    return latest.values().stream().sorted(Comparator.comparing(View::server)).toList();
  }

  /** The answers that differed from the one before, each with the milliseconds since an instant. */
  String changesSince(long millis) {
    return changes.stream()
        .filter(view -> view.atMillis() >= millis)
        .map(view -> "%n  %6d ms  %s".formatted(view.atMillis() - millis, view))
        .collect(Collectors.joining());
  }

  /**
   * Checks that each epoch had one holder, that epochs only grew, and that nobody was ever taken
   * for a coordinator with powers under an epoch that another one held.
   */
  void assertOneCoordinatorAnEpoch(List<Epoch> history) {
    Map<Long, String> holders = new ConcurrentHashMap<>();
    long last = 0;
    for (Epoch epoch : history) {
      assertThat(epoch.epoch()).as("epochs grow: %s", history).isGreaterThan(last);
      last = epoch.epoch();
      holders.put(epoch.epoch(), epoch.holder());
    }
    assertThat(changes)
        .filteredOn(view -> view.coordinator() != null && !view.acting())
        .allSatisfy(
            view ->
                assertThat(holders.get(view.epoch())).as("%s", view).isEqualTo(view.coordinator()));
  }

  @Override
  public void close() {
    running.set(false);
    threads.forEach(Thread::interrupt);
  }
}
