package dev.batuta.node.metrics;

import dev.batuta.bus.Member;
import dev.batuta.clock.NodeClock;
import dev.batuta.database.Database;
import dev.batuta.metrics.ByConstant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What every node has, whatever its roles. */
public final class NodeMetrics implements Family {
  private final Self self;
  private final Database database;
  private final NodeClock clock;
  private final Supplier<List<Member>> members;

  /**
   * The node.
   *
   * @param servers how many are configured
   * @param ready whether it may be given work
   * @param databaseReached whether it reaches the database
   */
  public record Self(
      String name,
      List<String> roles,
      int servers,
      BooleanSupplier ready,
      BooleanSupplier databaseReached) {}

  /**
   * @param members all nodes that are known
   */
  public NodeMetrics(
      Self self, Database database, NodeClock clock, Supplier<List<Member>> members) {
    this.self = self;
    this.database = database;
    this.clock = clock;
    this.members = members;
  }

  @Override
  public void read(Samples samples) {
    samples.info("node", "The node.", "node", self.name(), "roles", String.join(",", self.roles()));
    samples.truth("node_ready", "1 while the node is ready for work.", self.ready().getAsBoolean());
    samples.truth(
        "database_reached", "1 while the database answers.", self.databaseReached().getAsBoolean());
    var fenced = samples.counter("fenced_writes", "Writes that came too late and changed nothing.");
    for (Database.Fence fence : Database.Fence.values()) {
      fenced.add(database.refused(fence), "fence", ByConstant.label(fence));
    }
    samples
        .gauge("clock_offset_seconds", "What Berkeley rounds add to the clock of this machine.")
        .add(clock.offsetMicros() / 1e6);
    members(samples);
  }

  private void members(Samples samples) {
    Map<Member.Liveness, Integer> nodes = new EnumMap<>(Member.Liveness.class);
    int servers = 0;
    for (Member member : members.get()) {
      nodes.merge(member.liveness(), 1, Integer::sum);
      servers += member.isServer() && member.alive() ? 1 : 0;
    }
    var known = samples.gauge("nodes", "Nodes that this one knows, itself among them.");
    for (Member.Liveness liveness : Member.Liveness.values()) {
      known.add(nodes.getOrDefault(liveness, 0), "liveness", ByConstant.label(liveness));
    }
    samples.gauge("servers_alive", "Servers that this node believes to live.").add(servers);
    samples
        .gauge("servers_configured", "Servers over which majorities are counted.")
        .add(self.servers());
  }
}
