package dev.batuta.gateway;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.gateway.events.ClusterView;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.gateway.events.EventsVerticle;
import dev.batuta.gateway.services.AccountService;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.CheckpointService;
import dev.batuta.gateway.services.CoordinationService;
import dev.batuta.gateway.services.CopyService;
import dev.batuta.gateway.services.DoorService;
import dev.batuta.gateway.services.KeyService;
import dev.batuta.gateway.services.KnownKinds;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.gateway.services.Servers;
import dev.batuta.gateway.services.Services;
import dev.batuta.gateway.services.TaskService;
import dev.batuta.gateway.services.UserService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * What stands behind the doors of a node, made once for all of them: what clients may ask, and what
 * they may watch.
 *
 * <p>Each door has threads of its own, so all that is given here is safe on any thread. A Future of
 * a service completes on the Vert.x context that asked, an event comes on the one that its
 * subscriber names. The events are made on an event loop of their own, between {@link #start} and
 * {@link #stop}, which one caller at a time calls.
 */
public final class Gateway {
  private final Vertx vertx;
  private final GatewaySettings settings;
  private final GatewayParts parts;
  private final ClusterView cluster;
  private final EventHub events = new EventHub();
  private final Doors doors = new Doors();
  private final Services services;
  private volatile String deployment = "";

  public Gateway(Vertx vertx, GatewaySettings settings, GatewayParts parts) {
    this.vertx = vertx;
    this.settings = settings;
    this.parts = parts;
    KnownKinds kinds = new KnownKinds(parts.kinds());
    this.cluster = new ClusterView(parts.bus(), parts.members(), kinds);
    this.services = services(kinds);
  }

  private Services services(KnownKinds kinds) {
    Servers servers = new Servers(parts.bus(), parts.servers());
    return new Services(
        new LoginService(vertx, parts.users(), settings.recheck()),
        new TaskService(servers, kinds, cluster, settings.answer()),
        new ChatService(servers, settings.answer()),
        new CopyService(servers, settings.answer()),
        new AccountService(parts.ledger()),
        new CheckpointService(servers, settings.answer()),
        new CoordinationService(
            vertx, parts.bus(), servers, parts.coordinator(), this::onNewCoordinator),
        new DoorService(parts.bus(), parts.members()),
        new KeyService(parts.users().keys()),
        new UserService(parts.users()));
  }

  private Runnable onNewCoordinator(Runnable changed) {
    return events.follow("coordinator", vertx.getOrCreateContext(), event -> changed.run())::cancel;
  }

  /** Makes events and tells of the doors from now on; before the first door opens. */
  public Future<?> start() {
    Bus bus = parts.bus();
    return bus.serve(
            Addresses.doors(bus.node()), asked -> Future.succeededFuture(doors.of(bus.node())))
        .compose(served -> startEvents());
  }

  private Future<?> startEvents() {
    return vertx
        .deployVerticle(
            new EventsVerticle(
                parts.bus(),
                cluster,
                events,
                parts.messages(),
                () -> parts.coordinator().get().toJson(),
                parts.clock()))
        .onSuccess(id -> deployment = id);
  }

  /** Does so no more; when the last door is closed. Without a start it does nothing. */
  public Future<?> stop() {
    String started = deployment;
    deployment = "";
    return parts
        .bus()
        .withdraw(Addresses.doors(parts.bus().node()))
        .compose(gone -> started.isEmpty() ? Future.succeededFuture() : vertx.undeploy(started));
  }

  public GatewaySettings settings() {
    return settings;
  }

  /** The rest of the node. */
  public GatewayParts parts() {
    return parts;
  }

  /** What clients may ask. */
  public Services services() {
    return services;
  }

  /** What is shown of the doors; who makes one adds it. */
  public Doors doors() {
    return doors;
  }

  /** What this node knows of the cluster. */
  public ClusterView cluster() {
    return cluster;
  }

  /** What clients may watch, except messages: those are of {@link GatewayParts#messages}. */
  public EventHub events() {
    return events;
  }
}
