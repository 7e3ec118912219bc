package dev.batuta.gateway.events;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.TaskMessage.AskCounts;
import dev.batuta.codec.TaskMessage.Counts;
import dev.batuta.codec.TaskMessage.Recent;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.StateCount;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.gateway.json.TaskJson;
import dev.batuta.gateway.services.KnownKinds;
import dev.batuta.gateway.services.WorkerKinds;
import dev.batuta.task.Kinds;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What this node knows of the cluster: nodes from their heartbeats, tasks and workers as each
 * server last told. Safe on any thread.
 */
public final class ClusterView implements WorkerKinds {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int MAX_RECENT = 20;
  private final Bus bus;
  private final Supplier<List<Member>> members;
  private final Map<String, Counts> counts = new ConcurrentHashMap<>();
  private final KnownKinds kinds;

  /**
   * @param kinds learns which ones live workers take
   */
  public ClusterView(Bus bus, Supplier<List<Member>> members, KnownKinds kinds) {
    this.bus = bus;
    this.members = members;
    this.kinds = kinds;
  }

  /** Asks every live server for its counts; one that does not answer keeps its last ones. */
  @Override
  public Future<Void> refresh() {
    List<Member> servers = members.get().stream().filter(Member::isServer).toList();
    List<String> names = servers.stream().map(Member::name).toList();
    counts.keySet().retainAll(names);
    return Future.join(
            servers.stream()
                .filter(Member::alive)
                .map(
                    server ->
                        bus.request(
                                Addresses.tasks(server.name()),
                                new AskCounts(),
                                Counts.class,
                                PATIENCE)
                            .onSuccess(given -> counts.put(server.name(), given)))
                .toList())
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .onSuccess(asked -> kinds.taken(taken()));
  }

  /** Tasks of the whole cluster by state, without states that have none. */
  Map<State, Long> tasks() {
    Map<String, Counts> counts = Map.copyOf(this.counts);
    Set<String> inherited = new HashSet<>();
    counts.values().forEach(server -> inherited.addAll(server.heirOf()));
    Map<State, Long> sums = new EnumMap<>(State.class);
    for (Map.Entry<String, Counts> server : counts.entrySet()) {
      // What a dead server said last is counted by its heir.
      if (inherited.contains(server.getKey())) {
        continue;
      }
      for (StateCount state : server.getValue().states()) {
        if (state.count() > 0) {
          sums.merge(state.state(), state.count(), Long::sum);
        }
      }
    }
    return sums;
  }

  @Override
  public boolean takesApart(String server, String kind) {
    Counts known = counts.get(server);
    return known != null
        && known.workers().stream()
            .map(WorkerView::kinds)
            .anyMatch(kinds -> kinds.contains(kind) && !kinds.containsAll(Kinds.FIRST));
  }

  /** Kinds that some worker takes. */
  private Set<String> taken() {
    Set<String> taken = new HashSet<>();
    counts.values().forEach(known -> known.workers().forEach(w -> taken.addAll(w.kinds())));
    return taken;
  }

  public JsonObject tasksJson() {
    JsonObject json = new JsonObject();
    tasks().forEach((state, count) -> json.put(state.name(), count));
    return json;
  }

  public JsonArray nodesJson() {
    JsonArray nodes = new JsonArray();
    members.get().forEach(member -> nodes.add(node(member)));
    return nodes;
  }

  /** Every worker once: of two masters that name it the one that it registered with last. */
  public JsonArray workersJson() {
    JsonArray json = new JsonArray();
    workers().forEach(worker -> json.add(worker(worker)));
    return json;
  }

  /** Those that serve another master than their own. */
  JsonArray loansJson() {
    JsonArray json = new JsonArray();
    workers().stream()
        .filter(worker -> !worker.home().isEmpty() && !worker.home().equals(worker.master()))
        .forEach(
            worker ->
                json.add(
                    new JsonObject()
                        .put("worker", worker.id())
                        .put("home", worker.home())
                        .put("master", worker.master())));
    return json;
  }

  private Collection<WorkerView> workers() {
    Map<String, WorkerView> workers = new TreeMap<>();
    for (Counts server : new TreeMap<>(counts).values()) {
      for (WorkerView worker : server.workers()) {
        workers.merge(
            worker.id(),
            worker,
            (one, other) -> one.registration() > other.registration() ? one : other);
      }
    }
    return workers.values();
  }

  /** The last tasks that ended, at most 20, those of each server with the newest last. */
  JsonArray recentJson() {
    List<JsonObject> all = new ArrayList<>();
    counts.forEach(
        (server, known) -> known.recent().forEach(recent -> all.add(recent(server, recent))));
    JsonArray json = new JsonArray();
    all.stream()
        .sorted(Comparator.comparingLong(task -> Long.parseLong(task.getString("id"))))
        .skip(Math.max(0, all.size() - MAX_RECENT))
        .forEach(json::add);
    return json;
  }

  private static JsonObject recent(String server, Recent recent) {
    return new JsonObject()
        .put("id", Long.toString(recent.id()))
        .put("kind", recent.kind())
        .put("state", recent.state().name())
        .put("owner", server)
        .put("worker", recent.worker().isEmpty() ? null : recent.worker())
        .put("result", TaskJson.result(recent.result()))
        .put("error", recent.error());
  }

  private static JsonObject worker(WorkerView worker) {
    return new JsonObject()
        .put("id", worker.id())
        .put("home", worker.home())
        .put("master", worker.master())
        .put("outstanding", worker.outstanding())
        .put("foreign", !worker.kinds().containsAll(Kinds.COMMON));
  }

  private static JsonObject node(Member member) {
    var last = member.last();
    JsonArray roles = new JsonArray();
    last.roles().forEach(roles::add);
    JsonObject ports = new JsonObject();
    last.ports().forEach(port -> ports.put(port.name(), port.number()));
    return new JsonObject()
        .put("name", member.name())
        .put("pid", last.pid())
        .put("url", last.url().isEmpty() ? null : last.url())
        .put("ports", ports)
        .put("roles", roles)
        .put("rank", last.rank() > 0 ? last.rank() : null)
        .put("state", state(member))
        .put("clock", member.clock())
        .put("offsetMillis", last.offsetMicros() / 1000.0)
        .put("load", last.load());
  }

  private static String state(Member member) {
    return switch (member.liveness()) {
      case ALIVE -> member.last().state().name().toLowerCase(Locale.ROOT);
      case SUSPECTED -> "suspected";
      case GONE -> "gone";
    };
  }
}
