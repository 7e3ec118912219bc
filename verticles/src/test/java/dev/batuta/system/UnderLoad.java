package dev.batuta.system;

import dev.batuta.database.EpochHistory;
import dev.batuta.database.EpochHistory.Epoch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** What is seen of a cluster that has work to do while somebody makes faults. */
final class UnderLoad implements AutoCloseable {
  private final Client asker;
  private final EpochHistory history;
  private final List<String> servers;

  final Views views;
  final Load load;

  /**
   * Begins to watch and to load.
   *
   * @param clients makes a client that reaches all servers
   * @param urls by server
   * @param name of the user who gets the deposits, and of the channel
   */
  UnderLoad(Supplier<Client> clients, Map<String, String> urls, EpochHistory history, String name) {
    this.history = history;
    this.servers = urls.keySet().stream().sorted().toList();
    this.asker = clients.get();
    this.views = new Views(asker, urls);
    this.load = new Load(clients.get(), List.copyOf(urls.values()), name, name);
  }

  List<Epoch> epochs() {
    return history.epochs();
  }

  /** Waits until all servers name this one after an instant, and the database says the same. */
  void awaitAgreed(String coordinator, long sinceMillis, Duration atMost) {
    Awaitility.await("all agree on " + coordinator)
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () ->
                views.allName(servers, coordinator, sinceMillis)
                    && epochs().getLast().holder().equals(coordinator));
  }

  @Override
  public void close() {
    try (asker;
        views;
        load) {
      // closes the load first, and the rest also when that fails
    }
  }
}
