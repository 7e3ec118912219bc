package dev.batuta.succession;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.Done;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Inherit;
import dev.batuta.database.Database;
import dev.batuta.succession.Succession.Effect;
import dev.batuta.succession.Succession.Input;
import dev.batuta.succession.Succession.Living;
import dev.batuta.succession.Succession.State;
import dev.batuta.succession.SuccessionStore.Answer;
import dev.batuta.succession.SuccessionStore.Taking;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Gives {@link Succession} its inputs, and carries out its effects. */
public final class SuccessionVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(SuccessionVerticle.class);
  private static final long TICK_MILLIS = 1000;
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(2);

  private final Bus bus;
  private final SuccessionStore store;
  private final long incarnation;
  private final Supplier<Optional<Long>> mayAct;
  private final Supplier<List<Member>> servers;
  private State state;
  private long lastTickNanos;

  /**
   * @param incarnation of this run of the process, which the epoch row names
   * @param mayAct the epoch under which this server may act as coordinator now
   * @param servers those that live
   * @param grace absence after which the queue of a server is taken
   */
  public SuccessionVerticle(
      Bus bus,
      SuccessionStore store,
      long incarnation,
      Supplier<Optional<Long>> mayAct,
      Supplier<List<Member>> servers,
      Duration grace) {
    this.bus = bus;
    this.store = store;
    this.incarnation = incarnation;
    this.mayAct = mayAct;
    this.servers = servers;
    this.state = State.initial(Succession.Limits.of(grace));
  }

  @Override
  public Future<?> start() {
    lastTickNanos = System.nanoTime();
    vertx.setPeriodic(TICK_MILLIS, timer -> tick());
    return Future.succeededFuture();
  }

  private void tick() {
    long now = System.nanoTime();
    Duration elapsed = Duration.ofNanos(now - lastTickNanos);
    lastTickNanos = now;
    List<Living> living = servers.get().stream().map(SuccessionVerticle::living).toList();
    take(new Input.Tick(elapsed, mayAct.get(), living));
  }

  private static Living living(Member member) {
    boolean able = member.last().state() == NodeState.READY && member.last().database();
    return new Living(member.name(), member.last().load(), able);
  }

  private void take(Input input) {
    Succession.Step step = Succession.step(state, input);
    state = step.next();
    step.effects().forEach(this::carryOut);
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.AskOwners() ->
          store
              .owners()
              .onSuccess(owners -> take(new Input.Owners(owners)))
              .onFailure(away -> take(new Input.OwnersUnknown()));
      case Effect.Take take -> take(take);
      case Effect.Tell(long epoch, String server, String heir) ->
          bus.request(Addresses.tasks(heir), new Inherit(server, epoch), Done.class, TOLD_WITHIN)
              .onFailure(
                  lost ->
                      LOG.atDebug()
                          .addKeyValue("heir", heir)
                          .log("the heir was not told, and finds out by itself"));
    }
  }

  private void take(Effect.Take take) {
    store
        .take(take.epoch(), incarnation, take.server(), take.heir())
        .onSuccess(
            taking -> {
              log(take, taking);
              take(new Input.Answered(take.server(), take.heir(), taking.answer()));
            })
        .onFailure(why -> take(failed(take, why)));
  }

  private static Input failed(Effect.Take take, Throwable why) {
    boolean fenced = Refused.isFenced(why);
    LOG.atLevel(Database.isAway(why) ? Level.DEBUG : Level.WARN)
        .addKeyValue("server", take.server())
        .addKeyValue("epoch", take.epoch())
        .addKeyValue("why", why.getMessage())
        .log(fenced ? "the epoch is over, no queue is taken" : "a queue could not be taken");
    return fenced ? new Input.Fenced(take.epoch()) : new Input.Unanswered(take.server());
  }

  private static void log(Effect.Take take, Taking taking) {
    LOG.atLevel(taking.answer() == Answer.TAKEN ? Level.INFO : Level.DEBUG)
        .addKeyValue("server", take.server())
        .addKeyValue("heir", take.heir())
        .addKeyValue("epoch", take.epoch())
        .addKeyValue("answer", taking.answer())
        .addKeyValue("why", taking.why())
        .addKeyValue("terms", taking.terms())
        .log("queue of a dead server");
  }
}
