package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Requests;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What foreign workers say to their masters by the bus. What is not heard is found by the master:
 * in the ledger, or by the silence of the worker. Belongs to the event loop of the door.
 */
final class FarmLine {
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(1);
  private static final int GOODBYES = 3;
  private static final int REPORTS = 30;

  private final Timers timers;
  private final Bus bus;

  FarmLine(Timers timers, Bus bus) {
    this.timers = timers;
    this.bus = bus;
  }

  Future<Registered> register(String master, Register register) {
    return bus.request(Addresses.workers(master), register, Registered.class, ANSWERED_WITHIN);
  }

  /** Fails only where the master does not know the registration, or is not there. */
  Future<Done> beat(String master, WorkerAlive alive) {
    return bus.request(Addresses.workers(master), alive, Done.class, ANSWERED_WITHIN)
        .recover(
            error ->
                isThere(error)
                    ? Future.succeededFuture(new Done())
                    : Future.<Done>failedFuture(error));
  }

  /** A master that answers, if only that it waits for its database, is there. */
  private static boolean isThere(Throwable error) {
    return error instanceof Refused
        && !Refused.isFenced(error)
        && !Requests.isWithoutHandler(error)
        && !Requests.isWithoutAnswer(error);
  }

  Future<Void> unregister(String master, Unregister goodbye) {
    AtomicInteger tries = new AtomicInteger();
    return RetryUntilKnown.ask(
            timers,
            () -> bus.request(Addresses.workers(master), goodbye, Done.class, ANSWERED_WITHIN),
            () -> tries.incrementAndGet() < GOODBYES,
            doubt -> {})
        .mapEmpty();
  }

  void report(String master, Report report) {
    AtomicInteger tries = new AtomicInteger();
    RetryUntilKnown.untilFenced(
        timers,
        () -> bus.request(Addresses.workers(master), report, Done.class, ANSWERED_WITHIN),
        error -> tries.incrementAndGet() < REPORTS);
  }
}
