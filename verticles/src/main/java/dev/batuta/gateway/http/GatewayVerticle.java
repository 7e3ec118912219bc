package dev.batuta.gateway.http;

import dev.batuta.bus.Trace;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.events.ClusterEvents;
import dev.batuta.gateway.events.ClusterView;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.gateway.events.MessageEvents;
import dev.batuta.gateway.events.TraceEvents;
import dev.batuta.gateway.services.AccountService;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.CheckpointService;
import dev.batuta.gateway.services.CoordinationService;
import dev.batuta.gateway.services.KnownKinds;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.gateway.services.Servers;
import dev.batuta.gateway.services.Services;
import dev.batuta.gateway.services.TaskService;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP gateway of a node: REST as {@code openapi.yaml} describes it, server-sent events, the
 * SockJS bridge, health, metrics and the console.
 */
public final class GatewayVerticle extends VerticleBase {
  /** Of a request without a token: enough for a login. */
  private static final long ANONYMOUS_BODY_BYTES = 64 * 1024;

  private final GatewaySettings settings;
  private final GatewayParts parts;
  private final EventHub hub = new EventHub();
  private @Nullable HttpServer server;
  private @Nullable EventRoutes events;
  private Optional<MessageEvents> bridged = Optional.empty();
  private volatile int port;

  public GatewayVerticle(GatewaySettings settings, GatewayParts parts) {
    this.settings = settings;
    this.parts = parts;
  }

  /** The port that it listens on, 0 until it is deployed; safe on any thread. */
  public int port() {
    return port;
  }

  @Override
  public Future<?> start() {
    hub.start(vertx);
    hub.seed("coordinator", parts.coordinator().get().toJson());
    parts.clock().get().ifPresent(round -> hub.seed("clock", round));
    return Contract.load(vertx)
        .compose(
            contract -> {
              Router router = router(contract);
              Listening listening = new Listening(vertx, place(), settings.maxConnections());
              EarlyAnswers early = new EarlyAnswers(vertx, listening);
              return listening.take(() -> server(router, early).listen());
            })
        .onSuccess(
            listens -> {
              server = listens;
              port = listens.actualPort();
            })
        .onFailure(failed -> endStreams()); // nobody stops what did not start
  }

  private Listening.Place place() {
    return new Listening.Place(
        settings.host(), settings.port(), "http.host", "--http-port (key http.port)");
  }

  @Override
  public Future<?> stop() {
    endStreams();
    Future<?> closed =
        server == null ? Future.succeededFuture() : server.shutdown(5, TimeUnit.SECONDS);
    return closed.eventually(hub::stop);
  }

  private void endStreams() {
    if (events != null) {
      events.stop();
    }
    bridged.ifPresent(MessageEvents::stop);
  }

  private Services services(KnownKinds kinds, ClusterView view) {
    Servers servers = new Servers(parts.bus(), parts.servers());
    return new Services(
        new LoginService(vertx, parts.users()),
        new TaskService(servers, kinds, view, settings.answer()),
        new ChatService(servers, settings.answer()),
        new AccountService(parts.ledger()),
        new CheckpointService(servers, settings.answer()),
        new CoordinationService(
            vertx,
            parts.bus(),
            servers,
            parts.coordinator(),
            changed -> hub.subscribe("coordinator", body -> changed.run())));
  }

  private Router router(Contract contract) {
    KnownKinds kinds = new KnownKinds(parts.kinds());
    ClusterView view = new ClusterView(parts.bus(), parts.members(), kinds);
    Services services = services(kinds, view);
    Access access = new Access(contract, services.logins(), settings.isDemo());
    RouterBuilder builder = RouterBuilder.create(vertx, contract.openApi(), new RequestReader());
    builder.getRoutes().forEach(route -> route.setDoSecurity(false));
    builder.rootHandler(new Headers());
    builder.rootHandler(access);
    BodyHandler known = BodyHandler.create(false).setBodyLimit(settings.maxBodyBytes());
    long least = Math.min(ANONYMOUS_BODY_BYTES, settings.maxBodyBytes());
    BodyHandler anonymous = BodyHandler.create(false).setBodyLimit(least);
    builder.rootHandler(
        rc -> {
          if (rc.normalizedPath().startsWith("/api/")) {
            parts.countRequest().run();
            // Here, so that no route takes what the contract has for nobody, as GET tasks/batch.
            var operation = contract.operation(rc.request().method(), rc.normalizedPath());
            if (operation.isEmpty()) {
              Problems.unknownPath(rc, contract);
              return;
            }
            QueryNames.check(rc, operation.get());
          }
          boolean isKnown = Access.known(rc).isPresent();
          rc.put(Problems.BODY_LIMIT, isKnown ? settings.maxBodyBytes() : least);
          (isKnown ? known : anonymous).handle(rc);
        });
    new LoginRoutes(services.logins()).bind(builder);
    new TaskRoutes(services.tasks()).bind(builder);
    new CheckpointRoutes(services.checkpoints()).bind(builder);
    new AccountRoutes(services.accounts()).bind(builder);
    new ChatRoutes(services.chat()).bind(builder);
    new ClusterRoutes(settings, view, parts.coordinator()).bind(builder);
    new CoordinationRoutes(services.coordination()).bind(builder);
    Trace trace = parts.bus().trace();
    EventRoutes streams =
        new EventRoutes(
            vertx, hub, trace, settings.answer(), parts.messages(), settings.maxStreams());
    streams.bind(builder);
    events = streams;
    Router router = builder.createRouter();
    new EventBridge(vertx, hub, trace).bind(router);
    new SiteRoutes(settings, contract, parts).bind(router);
    router.route().handler(Problems::unknownSitePath);
    for (int status : List.of(400, 401, 403, 404, 413, 429, 500, 503)) {
      router.errorHandler(status, Problems::answer);
    }
    new ClusterEvents(vertx, parts.bus(), view, hub).start();
    new TraceEvents(vertx, parts.bus()).start();
    bridged =
        parts
            .messages()
            .map(
                source ->
                    new MessageEvents(
                        vertx, source, message -> parts.bus().event("messages", message)));
    bridged.ifPresent(MessageEvents::start);
    return router;
  }

  private HttpServer server(Router router, EarlyAnswers early) {
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setMaxHeaderSize(EarlyAnswers.MAX_HEADER_BYTES)
                .setMaxInitialLineLength(EarlyAnswers.MAX_HEADER_BYTES / 2)
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(Math.toIntExact(settings.idle().toSeconds()))
                .setIdleTimeoutUnit(TimeUnit.SECONDS))
        .connectionHandler(early::connected)
        .invalidRequestHandler(EarlyAnswers::invalid)
        .requestHandler(early.before(router));
  }
}
