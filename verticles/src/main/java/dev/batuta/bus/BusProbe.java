package dev.batuta.bus;

import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.ClusterMessage.Probe;
import dev.batuta.codec.ClusterMessage.ProbeEcho;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxException;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.RegistrationInfo;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves that the bus works, again and again: a formed cluster does not say that messages arrive.
 *
 * <p>It looks its own registrations up in the cluster's registry, and where it is to be reached,
 * and registers anew what was lost (after kills, hangs and healed partitions both are), removes
 * what dead nodes left at its addresses, and has a peer send it a message by that registry. It does
 * so every 2 s, and every 500 ms for a while after members came or went.
 *
 * <p>It also speaks to every address by which servers coordinate, and to every worker, before they
 * are needed: the bus asks the registry at the first message to an address, and a part of the
 * registry that is at a node which hangs, or was just cut off, does not answer until that node is
 * removed.
 */
public final class BusProbe extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(BusProbe.class);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** After which a round is given up: the registry may be at a node that was cut off. */
  private static final Duration ROUND = Duration.ofSeconds(15);

  /** After members came or went; a merge of clusters takes so long to settle. */
  private static final Duration UNSETTLED = Duration.ofSeconds(8);

  private final Bus bus;
  private final ClusterManager cluster;
  private final Membership membership;
  private final PauseMonitor pauses;
  private Promise<Void> echoed = Promise.promise();
  private long nonce;
  private boolean repairing;
  private boolean asking;
  private Set<String> nodes = Set.of();
  private Set<String> spokenTo = Set.of();
  private Set<RegistrationInfo> ghosts = Set.of();
  private long changedNanos;
  private long probedNanos;
  private volatile boolean proven;
  private volatile long provenNanos = System.nanoTime();

  /**
   * One for each node.
   *
   * @param pauses while this process has just stood still, it removes nothing of others
   */
  public BusProbe(Bus bus, ClusterManager cluster, Membership membership, PauseMonitor pauses) {
    this.bus = bus;
    this.cluster = cluster;
    this.membership = membership;
    this.pauses = pauses;
  }

  /**
   * Whether the latest round found every registration and, where there is a peer, its echo; not
   * after this process stood still, until a round has done so since. Safe on any thread.
   */
  public boolean proven() {
    return proven && !pauses.pausedSince(provenNanos);
  }

  /**
   * Whether this process has not stood still since it was last known to be reached, or since it
   * began: who wakes is reached by nobody until a peer says so, however long that takes. Safe on
   * any thread.
   */
  public boolean isReached() {
    return !pauses.pausedSince(provenNanos);
  }

  @Override
  public Future<?> start() {
    return bus.listen(
            Addresses.node(bus.node()),
            envelope -> {
              switch (envelope.message()) {
                case Probe probe when isMember(probe.node()) ->
                    bus.send(
                        Addresses.node(probe.node()), new ProbeEcho(bus.node(), probe.nonce()));
                case ProbeEcho echo when echo.nonce() == nonce -> echoed.tryComplete();
                default ->
                    LOG.atDebug()
                        .addKeyValue("from", envelope.sender())
                        .log("late echo, or a probe of no member");
              }
            })
        .onSuccess(
            registered -> {
              probe();
              vertx.setPeriodic(LOOK.toMillis(), timer -> look());
            });
  }

  /**
   * Who was put out while it stood still may be heard for a moment over its old connections: it is
   * not reached for long, and is not to believe so.
   */
  private boolean isMember(String node) {
    return membership
        .member(node)
        .map(member -> cluster.getNodes().contains(member.last().member()))
        .orElse(true);
  }

  private void look() {
    long now = System.nanoTime();
    Set<String> present = Set.copyOf(cluster.getNodes());
    if (!present.equals(nodes)) {
      nodes = present;
      changedNanos = now;
    }
    if (now - changedNanos < UNSETTLED.toNanos() || now - probedNanos >= INTERVAL.toNanos()) {
      probe();
    }
  }

  private void probe() {
    if (repairing) {
      return;
    }
    repairing = true;
    probedNanos = System.nanoTime();
    Set<RegistrationInfo> left = ConcurrentHashMap.newKeySet();
    located()
        .compose(
            here ->
                Future.all(
                    bus.addresses().stream().map(address -> repaired(address, left)).toList()))
        .<Void>mapEmpty()
        .timeout(ROUND.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(result -> context.runOnContext(here -> repaired(result, left)));
  }

  private void repaired(AsyncResult<Void> result, Set<RegistrationInfo> left) {
    repairing = false;
    ghosts = left;
    if (result.failed()) {
      show(result.cause());
    } else {
      speak();
      askPeer();
    }
  }

  private void proven(long sinceNanos) {
    provenNanos = sinceNanos;
    show(null);
  }

  private void show(@Nullable Throwable error) {
    if (proven != (error == null)) {
      LOG.atInfo()
          .addKeyValue("works", error == null)
          .addKeyValue("error", error)
          .log("bus probed");
    }
    proven = error == null;
  }

  /**
   * Says anew where this node is to be reached when the cluster does not know. A member that is
   * late to hear that this one was put out takes that away though it is back, and nobody else gives
   * it again: who is not connected yet would never be (vertx-hazelcast 5.0.10).
   */
  private Future<Void> located() {
    Promise<NodeInfo> found = Promise.promise();
    cluster.getNodeInfo(cluster.getNodeId(), found);
    return found
        .future()
        .<Void>mapEmpty()
        .recover(
            error -> {
              if (!(error instanceof VertxException)) {
                return Future.failedFuture(error);
              }
              LOG.atWarn().log("where this node is to be reached was lost, and is told anew");
              Promise<Void> told = Promise.promise();
              cluster.setNodeInfo(cluster.getNodeInfo(), told);
              return told.future();
            });
  }

  private Future<Void> repaired(String address, Set<RegistrationInfo> left) {
    Promise<List<RegistrationInfo>> found = Promise.promise();
    cluster.getRegistrations(address, found);
    return found
        .future()
        .compose(
            registrations -> {
              registrations.forEach(each -> bury(address, each, left));
              if (registrations.stream().anyMatch(r -> r.nodeId().equals(cluster.getNodeId()))) {
                return Future.succeededFuture();
              }
              LOG.atWarn().addKeyValue("address", address).log("registration lost, made anew");
              return bus.restore(address);
            });
  }

  /** Removes a registration of no member, when it was there in the round before too. */
  private void bury(String address, RegistrationInfo registration, Set<RegistrationInfo> left) {
    if (nodes.isEmpty()
        || pauses.recentlyPaused()
        || cluster.getNodes().contains(registration.nodeId())) {
      return;
    }
    left.add(registration);
    if (ghosts.contains(registration)) {
      LOG.atWarn()
          .addKeyValue("address", address)
          .addKeyValue("member", registration.nodeId())
          .log("registration of a dead node removed");
      Promise<Void> removed = Promise.promise();
      cluster.removeRegistration(address, registration, removed);
    }
  }

  /** Has the bus learn, once for each run of a node, where its addresses are. */
  private void speak() {
    List<Member> servers = membership.servers();
    List<Member> workers = membership.view().stream().filter(BusProbe::works).toList();
    Set<String> runs = new HashSet<>(cluster.getNodes());
    Stream.concat(servers.stream(), workers.stream())
        .forEach(each -> runs.add(each.name() + each.last().member()));
    if (runs.equals(spokenTo) || servers.stream().noneMatch(s -> s.name().equals(bus.node()))) {
      return;
    }
    spokenTo = runs;
    Probe nothing = new Probe(bus.node(), 0);
    bus.publish(Addresses.SERVERS, nothing);
    for (Member server : servers) {
      bus.send(Addresses.election(server.name()), nothing);
      bus.send(Addresses.clock(server.name()), nothing);
    }
    workers.forEach(worker -> bus.send(Addresses.worker(worker.name()), nothing));
  }

  /** Whether a node is a worker that has registered its address. */
  private static boolean works(Member member) {
    return member.isWorker() && member.alive() && member.last().state() == NodeState.READY;
  }

  private void askPeer() {
    List<Member> peers =
        membership.view().stream()
            .filter(member -> member.alive() && !member.name().equals(bus.node()))
            .toList();
    long now = System.nanoTime();
    if (peers.isEmpty()) {
      // Whoever has just woken has not heard of anybody yet; who was put out sees nobody either,
      // though others live, and is alone for longer than it takes to forget that it woke.
      boolean knowsOthers =
          membership.view().stream().anyMatch(member -> !member.name().equals(bus.node()));
      if (!pauses.recentlyPaused() && (isReached() || !knowsOthers)) {
        proven(now);
      }
      return;
    }
    if (asking) {
      return;
    }
    asking = true;
    Member peer = peers.get(ThreadLocalRandom.current().nextInt(peers.size()));
    echoed = Promise.promise();
    nonce = ThreadLocalRandom.current().nextLong();
    bus.send(Addresses.node(peer.name()), new Probe(bus.node(), nonce));
    echoed
        .future()
        .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(
            echo ->
                context.runOnContext(
                    here -> {
                      asking = false;
                      if (echo.succeeded()) {
                        proven(now);
                      } else {
                        show(echo.cause());
                      }
                    }));
  }
}
