package dev.batuta.lending;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.ForeignMaster;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.WorkerMessage;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.metrics.ByConstant;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.tracing.Span;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Gives {@link Lending} its inputs, and carries out its effects. Without a term for the queue there
 * is no farm, and nothing is lent or asked for.
 */
public final class LendingVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(LendingVerticle.class);
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(1);

  /** Looks at the time in one interval. */
  private static final int TICKS = 8;

  private final Bus bus;
  private final Supplier<Optional<FarmView>> farm;
  private final Supplier<List<Member>> servers;
  private final Map<String, Via> doors;
  private final ForeignMasters foreign = new ForeignMasters();
  private final ByConstant<What> told = new ByConstant<>(What.class);
  private volatile LendingState state;

  /**
   * @param farm the workers of this server; none without a term
   * @param servers those that live
   * @param doors for workers of other implementations, by the names of their ports
   * @param number above the requests of earlier runs of this server
   */
  public LendingVerticle(
      Bus bus,
      Supplier<Optional<FarmView>> farm,
      Supplier<List<Member>> servers,
      Map<String, Via> doors,
      Thresholds thresholds,
      long number) {
    this.bus = bus;
    this.farm = farm;
    this.servers = servers;
    this.doors = doors;
    this.state = LendingState.initial(bus.node(), thresholds, number);
  }

  /** What there was to tell of lending since this server started; safe on any thread. */
  public ByConstant<What> told() {
    return told;
  }

  /** Workers of this server that others have now; safe on any thread. */
  public int lent() {
    return state.away().size();
  }

  @Override
  public Future<?> start() {
    long tick = Math.max(1, state.thresholds().interval().toMillis() / TICKS);
    return bus.listen(Addresses.lending(bus.node()), this::hear)
        .onSuccess(registered -> vertx.setPeriodic(tick, timer -> take(new LendingInput.Tick())));
  }

  @Override
  public Future<?> stop() {
    return bus.withdraw(Addresses.lending(bus.node()));
  }

  private void hear(Envelope envelope) {
    switch (envelope.message()) {
      case ForeignMaster master -> foreign.heard(master, nowMillis());
      case LendingMessage message -> take(new LendingInput.Heard(message));
      default -> note(envelope);
    }
  }

  private static void note(Envelope envelope) {
    LOG.atWarn()
        .addKeyValue("from", envelope.sender())
        .addKeyValue("message", envelope.message().getClass().getSimpleName())
        .log("not about lending");
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }

  private void take(LendingInput input) {
    farm.get()
        .ifPresent(
            present -> {
              long now = nowMillis();
              Lending.Step step =
                  Lending.step(state, now, new View(present, peers(), spoken()), input);
              state = step.next();
              step.effects().forEach(this::carryOut);
            });
  }

  /** One that is stopping neither lends nor borrows. */
  private List<Peer> peers() {
    Stream<Peer> own =
        servers.get().stream()
            .filter(member -> !member.name().equals(bus.node()))
            .filter(member -> member.last().state() == NodeState.READY)
            .map(
                member ->
                    new Peer(
                        member.name(),
                        new Peer.Load(
                            member.last().queued(),
                            member.last().workers(),
                            member.last().borrowed())));
    return Stream.concat(own, foreign.lenders(nowMillis())).toList();
  }

  /**
   * A server takes every worker of this implementation, and of others those that it has a door for.
   */
  private Map<String, Set<Via>> spoken() {
    Map<String, Set<Via>> spoken = foreign.spoken();
    for (Member server : servers.get()) {
      Set<Via> taken = EnumSet.of(Via.BUS);
      server.last().ports().forEach(port -> open(port.name()).ifPresent(taken::add));
      spoken.put(server.name(), taken);
    }
    return spoken;
  }

  private Optional<Via> open(String port) {
    return Optional.ofNullable(doors.get(port));
  }

  private void carryOut(LendingEffect effect) {
    switch (effect) {
      case LendingEffect.Send(String peer, LendingMessage message) ->
          bus.send(
              foreign.knows(peer)
                  ? Addresses.foreignMaster(bus.node(), peer)
                  : Addresses.lending(peer),
              message);
      case LendingEffect.Order(String worker, WorkerMessage order) -> order(worker, order);
      case LendingEffect.Note(LendingNews news) -> tell(news);
    }
  }

  private void order(String worker, WorkerMessage order) {
    Optional<Span> span =
        bus.tracing()
            .begin(
                order instanceof Redirect ? "worker redirect" : "worker return", Span.Kind.PRODUCER)
            .map(begun -> begun.with("batuta.server", bus.node()).with("batuta.worker", worker));
    if (order instanceof Redirect redirect) {
      span.ifPresent(begun -> begun.with("batuta.target", redirect.target()));
    }
    bus.request(Addresses.worker(worker), order, Done.class, TOLD_WITHIN)
        .onFailure(
            lost -> {
              span.ifPresent(begun -> begun.failed(String.valueOf(lost.getMessage())));
              LOG.atDebug()
                  .addKeyValue("worker", worker)
                  .addKeyValue("why", lost.getMessage())
                  .log("a worker was not told to go, or refused");
            })
        .onComplete(told -> span.ifPresent(Span::end));
  }

  private void tell(LendingNews news) {
    told.count(news.what());
    String event =
        switch (news.what()) {
          case ASKED -> "workers asked for";
          case REFUSED -> "no workers to spare";
          case LENT -> "worker lent";
          case BORROWED -> "worker borrowed";
          case RELEASED -> "worker released";
          case RETURNED -> "worker returned";
          case STAYED -> "worker stayed";
        };
    LOG.atLevel(news.what() == What.REFUSED ? Level.DEBUG : Level.INFO)
        .addKeyValue("server", news.server())
        .addKeyValue("worker", news.worker())
        .addKeyValue("peer", news.peer())
        .addKeyValue("count", news.count())
        .addKeyValue("why", news.reason())
        .log(event);
    bus.publish(Addresses.LENDING, news);
  }
}
