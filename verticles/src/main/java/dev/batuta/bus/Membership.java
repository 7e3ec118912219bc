package dev.batuta.bus;

import com.hazelcast.core.HazelcastInstance;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.Leaving;
import dev.batuta.codec.Envelope;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends this node's heartbeats and keeps the view of all nodes. It runs on a thread of its own, so
 * that work on an event loop cannot make this node look dead, nor make it believe that others are.
 */
public final class Membership extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private static final Duration FAREWELL = Duration.ofMillis(50);

  /** Between looks at who is connected; each costs some microseconds. */
  private static final Duration LOOK = Duration.ofMillis(25);

  /** Hears of changes, on this verticle's thread; must not block. */
  @FunctionalInterface
  public interface Listener {
    void changed(Member member);
  }

  /**
   * Times of the failure detector.
   *
   * @param interval between the heartbeats of this node, and between looks at the others
   * @param suspicion silence after which a server is suspected
   * @param workerSuspicion the same for a node that is only a worker
   * @param forget silence after which a node is no longer shown
   */
  public record Settings(
      Duration interval, Duration suspicion, Duration workerSuspicion, Duration forget) {}

  private final Bus bus;
  private final HazelcastInstance hazelcast;
  private final Settings settings;
  private final Supplier<Heartbeat> self;
  private final BooleanSupplier visible;
  private final Members members;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile List<Member> view = List.of();
  private long lastTickNanos;
  private boolean leaving;
  private Set<com.hazelcast.cluster.Member> seen = Set.of();
  private Set<String> connected = Set.of();

  /**
   * @param self makes this node's heartbeat, on this verticle's thread
   * @param visible whether the others are to see this node; while they do not reach it, they would
   *     wait for its answers, and hand it the baton
   */
  public Membership(
      Bus bus,
      HazelcastInstance hazelcast,
      Settings settings,
      Supplier<Heartbeat> self,
      BooleanSupplier visible) {
    this.bus = bus;
    this.hazelcast = hazelcast;
    this.settings = settings;
    this.self = self;
    this.visible = visible;
    this.members =
        new Members(
            new Members.Limits(
                settings.interval(),
                settings.suspicion(),
                settings.workerSuspicion(),
                settings.forget()));
  }

  /** Deploys it on its own thread. */
  public Future<String> deploy(Vertx vertx) {
    String pool = "membership-" + bus.node();
    // Held open by this until Vert.x closes: an undeployment ends on the thread of its verticle,
    // and
    // would never end on one that it has taken away itself.
    vertx.createSharedWorkerExecutor(pool, 1);
    return vertx.deployVerticle(
        this,
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(pool)
            .setWorkerPoolSize(1));
  }

  @Override
  public Future<?> start() {
    lastTickNanos = System.nanoTime();
    return bus.listen(Addresses.HEARTBEATS, this::hear)
        .onSuccess(
            registered -> {
              vertx.setPeriodic(LOOK.toMillis(), timer -> look());
              vertx.setPeriodic(settings.interval().toMillis(), timer -> tick());
              beat();
            });
  }

  @Override
  public Future<?> stop() {
    return bus.withdraw(Addresses.HEARTBEATS);
  }

  /** Says goodbye, so that nobody has to suspect this node; completes once that is sent. */
  public Future<Void> leave() {
    Promise<Void> said = Promise.promise();
    if (context == null) {
      return Future.succeededFuture();
    }
    context.runOnContext(
        here -> {
          leaving = true;
          bus.publish(Addresses.HEARTBEATS, new Leaving(bus.node(), self.get().incarnation()));
          // What is sent needs a moment to leave this process before its connections close.
          vertx.setTimer(FAREWELL.toMillis(), timer -> said.complete());
        });
    return said.future();
  }

  /** Calls a listener at each change from now on. */
  public void onChange(Listener listener) {
    listeners.add(listener);
  }

  /** All nodes that are known, by name, this one among them; safe on any thread. */
  public List<Member> view() {
    return view;
  }

  /** A node by its name. */
  public Optional<Member> member(String name) {
    return view.stream().filter(member -> member.name().equals(name)).findFirst();
  }

  /** Live servers that have a rank, in its order. */
  public List<Member> servers() {
    return view.stream()
        .filter(member -> member.isServer() && member.alive() && member.last().rank() > 0)
        .sorted(Comparator.comparingInt(member -> member.last().rank()))
        .toList();
  }

  /** Sends a heartbeat now, without waiting for the next interval. */
  public void beatNow() {
    if (context != null) {
      context.runOnContext(here -> beat());
    }
  }

  private void beat() {
    if (!leaving && visible.getAsBoolean()) {
      bus.publish(Addresses.HEARTBEATS, self.get());
    }
  }

  private void tick() {
    long now = System.nanoTime();
    apply(members.tick(Duration.ofNanos(now - lastTickNanos)));
    lastTickNanos = now;
    beat();
  }

  private void hear(Envelope envelope) {
    switch (envelope.message()) {
      case Heartbeat heartbeat -> apply(members.heard(heartbeat, envelope.clock()));
      case Leaving goodbye -> apply(members.left(goodbye.node(), goodbye.incarnation()));
      default ->
          LOG.atWarn()
              .addKeyValue("from", envelope.sender())
              .addKeyValue("message", envelope.message().getClass().getSimpleName())
              .log("not a heartbeat");
    }
  }

  private void apply(List<Members.Change> changes) {
    view = members.view();
    for (Members.Change change : changes) {
      Member member = change.member();
      LOG.atInfo()
          .addKeyValue("node", member.name())
          .addKeyValue("before", change.before())
          .addKeyValue("now", member.liveness())
          .addKeyValue("state", member.last().state())
          .log("node changed");
      listeners.forEach(listener -> listener.changed(member));
    }
  }

  /**
   * The cluster manager sees at once when a process is killed: its connections close. It is asked,
   * because it tells its listeners one after the other, and the bus, who listens first, clears the
   * dead node's registrations away before the next one hears: that took up to a second.
   */
  private void look() {
    Set<com.hazelcast.cluster.Member> now = hazelcast.getCluster().getMembers();
    if (now == seen) {
      return; // Hazelcast makes a new set for each change, and keeps it until the next
    }
    seen = now;
    Set<String> before = connected;
    connected = now.stream().map(Membership::nodeId).collect(Collectors.toUnmodifiableSet());
    Set<String> gone = new HashSet<>(before);
    gone.removeAll(connected);
    gone.forEach(id -> apply(members.removed(id)));
  }

  private static String nodeId(com.hazelcast.cluster.Member member) {
    String attribute = member.getAttribute("__vertx.nodeId");
    return attribute != null ? attribute : member.getUuid().toString();
  }
}
