package dev.batuta.node;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.core.HazelcastInstance;
import dev.batuta.bus.Bus;
import dev.batuta.bus.LamportClock;
import dev.batuta.bus.PauseMonitor;
import dev.batuta.gateway.BoundedAccepts;
import dev.batuta.tracing.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.micrometer.MicrometerMetricsFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A clustered Vert.x on Hazelcast, with every default that matters set on purpose. Hazelcast holds
 * membership and the registry of the bus only; nothing in it needs to last.
 *
 * @param manager the cluster manager of {@code vertx}
 */
public record Cluster(Vertx vertx, WaryClusterManager manager, Bus bus) {

  /**
   * How to be reached, and whom to join.
   *
   * @param host by which other nodes reach this one
   * @param port of the cluster manager, 0 for a free one
   * @param busPort of the event bus, 0 for a free one
   * @param members {@code host:port} of nodes to join; a name stands for all its addresses
   * @param listed whether names among them stand for this node too, which then waits for a while
   *     until they do
   */
  public record Options(
      String node,
      String name,
      String host,
      int port,
      int busPort,
      List<String> members,
      boolean listed) {

    /** Of a node for which no name among the members stands. */
    public Options(
        String node, String name, String host, int port, int busPort, List<String> members) {
      this(node, name, host, port, busPort, members, false);
    }
  }

  private static final int CONNECT_SECONDS = 3;

  private static final Map<String, String> HAZELCAST_PROPERTIES =
      Map.ofEntries(
          Map.entry("hazelcast.logging.type", "slf4j"),
          Map.entry("hazelcast.phone.home.enabled", "false"),
          // Batuta stops nodes in its own order.
          Map.entry("hazelcast.shutdownhook.enabled", "false"),
          Map.entry("hazelcast.socket.bind.any", "false"),
          // The defaults are 60 s for a silent member and 5 minutes before a split is healed.
          Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
          Map.entry("hazelcast.max.no.heartbeat.seconds", "10"),
          Map.entry("hazelcast.merge.first.run.delay.seconds", "5"),
          Map.entry("hazelcast.merge.next.run.delay.seconds", "5"),
          // A killed process closes its connections: report it at once.
          Map.entry("hazelcast.connection.monitor.interval", "50"),
          Map.entry("hazelcast.connection.monitor.max.faults", "1"),
          Map.entry("hazelcast.wait.seconds.before.join", "0"),
          Map.entry("hazelcast.max.wait.seconds.before.join", "3"),
          Map.entry("hazelcast.max.join.seconds", "30"),
          Map.entry("hazelcast.operation.call.timeout.millis", "5000"),
          // A call that is refused, as by who does not know this member, is repeated for 125 s by
          // default, and the bus holds a lock meanwhile, for which all look-ups wait. Here for 5 s.
          Map.entry("hazelcast.invocation.max.retry.count", "30"),
          Map.entry("hazelcast.invocation.retry.pause.millis", "250"),
          // A copy on its way to a node that was killed must not hold up the registry: 300 s.
          Map.entry("hazelcast.partition.migration.timeout", "10"),
          Map.entry("hazelcast.graceful.shutdown.max.wait", "5"),
          // A registry of some hundred addresses needs no more.
          Map.entry("hazelcast.partition.count", "31"),
          Map.entry("hazelcast.operation.thread.count", "2"),
          Map.entry("hazelcast.operation.generic.thread.count", "2"),
          Map.entry("hazelcast.io.thread.count", "1"),
          Map.entry("hazelcast.event.thread.count", "1"),
          Map.entry("hazelcast.clientengine.thread.count", "1"),
          Map.entry("hazelcast.clientengine.query.thread.count", "1"),
          Map.entry("hazelcast.clientengine.blocking.thread.count", "1"));

  /** Copies of each registration beside the first, so that several nodes may be killed at once. */
  private static final int BACKUPS = 3;

  /**
   * Joins, or begins, the cluster of that name.
   *
   * @param metrics where Vert.x counts, or null
   * @param tracing of this node
   */
  public static Future<Cluster> join(
      Options options, @Nullable MeterRegistry metrics, Tracing tracing) {
    WaryClusterManager manager = new WaryClusterManager(hazelcast(options));
    VertxOptions vertxOptions = new VertxOptions().setEventBusOptions(bus(options));
    VertxBuilder builder =
        Vertx.builder()
            .with(vertxOptions)
            .withTransport(BoundedAccepts.transport())
            .withClusterManager(manager)
            .withTracer(given -> tracing.requests());
    if (metrics != null) {
      vertxOptions.setMetricsOptions(VertxMetrics.options());
      builder.withMetrics(new MicrometerMetricsFactory(metrics));
    }
    return builder
        .buildClustered()
        .map(
            vertx ->
                new Cluster(
                    vertx, manager, new Bus(vertx, options.node(), new LamportClock(), tracing)));
  }

  /** The registry and membership beneath the bus. */
  public HazelcastInstance hazelcast() {
    return manager.getHazelcastInstance();
  }

  /** Whether this process stood still a short while ago. */
  public PauseMonitor pauses() {
    return manager.pauses();
  }

  /** As the bus probes it. */
  public ClusterManager registry() {
    return manager;
  }

  private static EventBusOptions bus(Options options) {
    return new EventBusOptions()
        .setHost(options.host())
        .setPort(options.busPort())
        .setClusterPublicHost(options.host())
        .setClusterPingInterval(1_000)
        .setClusterPingReplyInterval(3_000)
        .setConnectTimeout(2_000)
        .setReconnectAttempts(2)
        .setReconnectInterval(100)
        .setTrustAll(false);
  }

  static Config hazelcast(Options options) {
    Config config = new Config();
    config.setClusterName(options.name());
    config.setInstanceName(options.name() + "/" + options.node() + "/" + System.nanoTime());
    HAZELCAST_PROPERTIES.forEach(config::setProperty);
    config.getMemberAttributeConfig().setAttribute("node", options.node());
    network(config.getAdvancedNetworkConfig(), options);
    config.addMultiMapConfig(
        new MultiMapConfig("__vertx.subs")
            .setBackupCount(BACKUPS)
            .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
    config.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(BACKUPS));
    config.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(BACKUPS));
    return config;
  }

  /**
   * An endpoint for members only. One that takes clients too, as is the default, asks a new
   * connection again and again whether the peer has answered: a process that accepts connections
   * and hangs keeps the only thread that writes busy, and cuts this member off from all others
   * (Hazelcast 5.3.8; its issue 26473).
   */
  private static void network(AdvancedNetworkConfig network, Options options) {
    ServerSocketEndpointConfig endpoint = new ServerSocketEndpointConfig();
    endpoint.setPort(options.port()).setPortAutoIncrement(false).setReuseAddress(true);
    endpoint.getInterfaces().setEnabled(true).addInterface(options.host());
    // A try that began during a cut would last until its kernel asks again, 20 s after the cut has
    // ended; the default is no limit, and hazelcast.socket.connect.timeout.seconds is not heard
    // here.
    endpoint.setSocketConnectTimeoutSeconds(CONNECT_SECONDS);
    endpoint.setPublicAddress(options.port() == 0 ? null : options.host() + ":" + options.port());
    network.setEnabled(true).setMemberEndpointConfig(endpoint);
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    Optional<String> expected = options.listed() ? Optional.of(options.host()) : Optional.empty();
    join.setTcpIpConfig(new JoinAddresses(options.members(), expected));
    join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
  }
}
