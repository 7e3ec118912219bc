package dev.batuta.gateway.events;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.LendingMessage.LendingNews;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@code events.lending} for the clients of this node: {@code {change, loans, at}}. The loans
 * are the workers that serve another master than their own, as this node knows them; the change is
 * what a master told, null when only the loans are others. Belongs to the event loop of the {@link
 * EventsVerticle}.
 */
final class LendingEvents {
  private final Bus bus;
  private final ClusterView view;
  private @Nullable JsonArray shown;

  LendingEvents(Bus bus, ClusterView view) {
    this.bus = bus;
    this.view = view;
  }

  /** Hears what masters tell from now on. */
  Future<Void> start() {
    return bus.listen(
        Addresses.LENDING,
        envelope -> {
          if (envelope.message() instanceof LendingNews news) {
            show(change(news));
          }
        });
  }

  /** Shows the loans, if they are others than before. */
  void showLoans() {
    if (!view.loansJson().equals(shown)) {
      show(null);
    }
  }

  private void show(@Nullable JsonObject change) {
    JsonArray loans = view.loansJson();
    shown = loans;
    bus.event(
        "lending",
        new JsonObject()
            .put("change", change)
            .put("loans", loans.copy())
            .put("at", Instant.now().toString()));
  }

  private static JsonObject change(LendingNews news) {
    return new JsonObject()
        .put("what", news.what().name().toLowerCase(Locale.ROOT))
        .put("server", news.server())
        .put("worker", news.worker().isEmpty() ? null : news.worker())
        .put("peer", news.peer())
        .put("count", news.count())
        .put("reason", news.reason().isEmpty() ? null : news.reason());
  }
}
