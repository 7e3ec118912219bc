package dev.batuta.election;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Membership;
import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.Released;
import dev.batuta.codec.Envelope;
import dev.batuta.metrics.ByConstant;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who coordinates, as this node knows it: from the announcements, and from the silence of the one
 * who was announced. Every node has one, and shows its changes as {@code events.coordinator}.
 */
public final class CoordinatorWatch extends VerticleBase {

  /** What is known; {@code coordinator} is null while there is none. */
  public record View(
      long epoch,
      @Nullable String coordinator,
      @Nullable String previous,
      boolean acting,
      Reason reason,
      long atMillis) {

    /** The body of {@code events.coordinator}. */
    public JsonObject toJson() {
      return new JsonObject()
          .put("epoch", epoch)
          .put("coordinator", coordinator)
          .put("previous", previous)
          .put("acting", acting)
          .put("reason", reason.sentence())
          .put("reasonCode", reason.code().wire())
          .put("reasonArguments", new JsonArray(reason.arguments()))
          .put("at", Instant.ofEpochMilli(atMillis).toString());
    }
  }

  private static final long LOOK_MILLIS = 500;

  private final Bus bus;
  private final Membership membership;
  private final LongSupplier timeMillis;
  private final ByConstant<Reason.Code> changes = new ByConstant<>(Reason.Code.class);
  private final Leaderless leaderless = new Leaderless();
  private volatile View view;
  private long heardMillis;

  /**
   * @param timeMillis the node's {@code time}
   */
  public CoordinatorWatch(Bus bus, Membership membership, LongSupplier timeMillis) {
    this.bus = bus;
    this.membership = membership;
    this.timeMillis = timeMillis;
    this.view =
        new View(0, null, null, false, Reason.of(Reason.Code.NONE_YET), timeMillis.getAsLong());
  }

  /** The present view; safe on any thread. */
  public View view() {
    return view;
  }

  /** The coordinator, if one is known and believed to live. */
  public Optional<String> coordinator() {
    return Optional.ofNullable(view.coordinator());
  }

  /** How often what this node knows of the coordinator changed, and why; safe on any thread. */
  public ByConstant<Reason.Code> changes() {
    return changes;
  }

  /** How long this node has known no coordinator, all times together; safe on any thread. */
  public Duration leaderless() {
    return leaderless.until(System.nanoTime());
  }

  @Override
  public Future<?> start() {
    leaderless.changed(true, System.nanoTime());
    vertx.setPeriodic(LOOK_MILLIS, timer -> look());
    membership.onChange(member -> context.runOnContext(here -> changed(member)));
    return bus.listen(Addresses.SERVERS, this::hear);
  }

  private void hear(Envelope envelope) {
    switch (envelope.message()) {
      case Coordinator announced -> announced(announced);
      case Released released -> {
        if (released.epoch() == view.epoch() && view.coordinator() != null) {
          lost(Reason.letGo(released));
        }
      }
      default -> {}
    }
  }

  /** Its heartbeats may still come though it leads no more, and what it said of that was lost. */
  private void look() {
    boolean hushed = System.nanoTime() / 1_000_000 - heardMillis > Times.DEFAULT.hush();
    if (hushed && view.coordinator() != null) {
      lost(Reason.of(Reason.Code.HUSHED, view.coordinator()));
    }
  }

  private void announced(Coordinator announced) {
    if (announced.server().equals(view.coordinator())) {
      heardMillis = System.nanoTime() / 1_000_000;
    }
    boolean known =
        announced.epoch() == view.epoch()
            && announced.acting() == view.acting()
            && announced.server().equals(view.coordinator());
    if (known || announced.epoch() < view.epoch() || overruled(announced)) {
      return;
    }
    heardMillis = System.nanoTime() / 1_000_000;
    String previous = announced.previous().isEmpty() ? null : announced.previous();
    show(
        new View(
            announced.epoch(),
            announced.server(),
            previous,
            announced.acting(),
            Reason.of(announced),
            timeMillis.getAsLong()));
  }

  /** One without the database is no coordinator while one with it is there. */
  private boolean overruled(Coordinator announced) {
    return announced.acting()
        && !view.acting()
        && view.coordinator() != null
        && !announced.server().equals(view.coordinator());
  }

  private void changed(Member member) {
    if (!member.alive() && member.name().equals(view.coordinator())) {
      boolean gone = member.liveness() == Member.Liveness.GONE;
      lost(Reason.of(gone ? Reason.Code.GONE : Reason.Code.SILENT, member.name()));
    }
  }

  private void lost(Reason reason) {
    show(new View(view.epoch(), null, view.coordinator(), false, reason, timeMillis.getAsLong()));
  }

  private void show(View next) {
    view = next;
    changes.count(next.reason().code());
    leaderless.changed(next.coordinator() == null, System.nanoTime());
    bus.event("coordinator", next.toJson());
  }
}
