package dev.batuta.bus;

import dev.batuta.codec.ClusterMessage.Probe;
import dev.batuta.codec.ClusterMessage.ProbeEcho;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.RegistrationInfo;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves that the bus works, again and again: a formed cluster does not say that messages arrive.
 * It looks its own registrations up in the cluster's registry, registers anew what was lost (after
 * kills and healed partitions registrations are), and has a peer send it a message by that
 * registry.
 */
public final class BusProbe extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(BusProbe.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Bus bus;
  private final ClusterManager cluster;
  private final Membership membership;
  private Promise<Void> echoed = Promise.promise();
  private long nonce;
  private volatile boolean proven;

  /** One for each node. */
  public BusProbe(Bus bus, ClusterManager cluster, Membership membership) {
    this.bus = bus;
    this.cluster = cluster;
    this.membership = membership;
  }

  /** Whether the latest round found every registration and, where there is a peer, its echo. */
  public boolean proven() {
    return proven;
  }

  @Override
  public Future<?> start() {
    return bus.listen(
            Addresses.node(bus.node()),
            envelope -> {
              switch (envelope.message()) {
                case Probe probe ->
                    bus.send(
                        Addresses.node(probe.node()), new ProbeEcho(bus.node(), probe.nonce()));
                case ProbeEcho echo when echo.nonce() == nonce -> echoed.tryComplete();
                default -> LOG.atDebug().addKeyValue("from", envelope.sender()).log("late echo");
              }
            })
        .onSuccess(
            registered -> {
              probe();
              vertx.setPeriodic(INTERVAL.toMillis(), timer -> probe());
            });
  }

  private void probe() {
    Future.all(bus.addresses().stream().map(this::repaired).toList())
        .compose(registered -> askPeer())
        .onComplete(
            result -> {
              if (proven != result.succeeded()) {
                LOG.atInfo()
                    .addKeyValue("works", result.succeeded())
                    .addKeyValue("error", result.cause())
                    .log("bus probed");
              }
              proven = result.succeeded();
            });
  }

  private Future<Void> repaired(String address) {
    Promise<List<RegistrationInfo>> found = Promise.promise();
    cluster.getRegistrations(address, found);
    return found
        .future()
        .compose(
            registrations -> {
              if (registrations.stream().anyMatch(r -> r.nodeId().equals(cluster.getNodeId()))) {
                return Future.succeededFuture();
              }
              LOG.atWarn().addKeyValue("address", address).log("registration lost, made anew");
              return bus.restore(address);
            });
  }

  private Future<Void> askPeer() {
    List<Member> peers =
        membership.view().stream()
            .filter(member -> member.alive() && !member.name().equals(bus.node()))
            .toList();
    if (peers.isEmpty()) {
      return Future.succeededFuture();
    }
    Member peer = peers.get(ThreadLocalRandom.current().nextInt(peers.size()));
    echoed = Promise.promise();
    nonce = ThreadLocalRandom.current().nextLong();
    bus.send(Addresses.node(peer.name()), new Probe(bus.node(), nonce));
    return echoed.future().timeout(TIMEOUT.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
  }
}
