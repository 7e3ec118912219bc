package dev.batuta.gateway.platform;

import dev.batuta.bus.LamportClock;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.gateway.platform.PlatformRequest.Heartbeat;
import dev.batuta.gateway.platform.PlatformRequest.LogIn;
import dev.batuta.gateway.platform.PlatformRequest.QueryTask;
import dev.batuta.gateway.platform.PlatformRequest.RegisterWorker;
import dev.batuta.gateway.platform.PlatformRequest.SubmitTask;
import dev.batuta.gateway.platform.PlatformRequest.TaskResult;
import dev.batuta.gateway.platform.PlatformRequest.Unknown;
import dev.batuta.gateway.services.Services;
import dev.batuta.gateway.services.Submission;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Session;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The answer to each thing that is said at this door. Belongs to the event loop of its verticle.
 */
final class PlatformExchanges {
  /**
   * Of a task that crashes whoever runs it: another worker takes it over, and more are not spent on
   * it. Of others the default.
   */
  private static final int CRASH_ATTEMPTS = 2;

  private final Services services;
  private final PlatformWorkers workers;
  private final LamportClock clock;
  private final LongConsumer outsideClock;
  private boolean closing;

  /**
   * @param clock of this node
   * @param outsideClock is told what a worker says of its clock
   */
  PlatformExchanges(
      Services services, PlatformWorkers workers, LamportClock clock, LongConsumer outsideClock) {
    this.services = services;
    this.workers = workers;
    this.clock = clock;
    this.outsideClock = outsideClock;
  }

  /** The node stops: from now on only workers are heard, which finish what runs. */
  void close() {
    closing = true;
  }

  /** The answer; fails with a {@link Refused} where there is none of its own. */
  Future<JsonObject> answer(PlatformRequest request, InetAddress sender) {
    return switch (request) {
      case LogIn _, SubmitTask _, QueryTask _, RegisterWorker _ when closing ->
          Future.failedFuture(stops());
      case LogIn login -> logIn(login, sender);
      case SubmitTask submit -> submit(submit);
      case QueryTask query -> query(query);
      case RegisterWorker worker ->
          workers.register(worker, sender).map(id -> PlatformJson.ok().put("worker_id", id));
      case Heartbeat beat ->
          Future.succeededFuture(heartbeat(beat, sender).put("lamport", clock.beforeSend()));
      case TaskResult result -> Future.succeededFuture(result(result, sender));
      case Unknown _ -> Future.succeededFuture(PlatformJson.refused("unknown_type"));
    };
  }

  private Future<JsonObject> logIn(LogIn login, InetAddress sender) {
    return services
        .logins()
        .login(sender.getHostAddress(), login.user(), login.password())
        .map(session -> PlatformJson.ok().put("token", session.token()))
        .recover(PlatformExchanges::noToken);
  }

  /** Wrong passwords are told without a reason, as ever; whoever has to wait is told so. */
  private static Future<JsonObject> noToken(Throwable error) {
    if (!(error instanceof Refused refused)) {
      return Future.failedFuture(error);
    }
    JsonObject answer = PlatformJson.noToken();
    return Future.succeededFuture(
        refused.failure().kind() == Failure.Kind.UNAUTHENTICATED
            ? answer
            : answer
                .put("error", PlatformJson.word(refused.failure()))
                .put("message", refused.getMessage()));
  }

  private Future<JsonObject> submit(SubmitTask submit) {
    return caller(submit.token())
        .compose(
            caller ->
                services
                    .tasks()
                    .submit(
                        caller,
                        new Submission(
                            List.of(new NewTask(submit.task(), 0, 0, 0, attempts(submit.task()))),
                            null)))
        .map(
            accepted ->
                PlatformJson.ok()
                    .put("task_id", Long.toString(accepted.ids().getFirst()))
                    .put("assigned", true));
  }

  private static int attempts(Compute task) {
    return task.crash() ? CRASH_ATTEMPTS : 0;
  }

  private Future<JsonObject> query(QueryTask query) {
    return caller(query.token())
        .compose(caller -> services.tasks().read(caller, query.task(), Duration.ZERO))
        .map(PlatformJson::task)
        .recover(PlatformExchanges::hidden);
  }

  /** Another's task is not there for who asks; the platform has no other word for it. */
  private static Future<JsonObject> hidden(Throwable error) {
    return error instanceof Refused refused && refused.failure().kind() == Failure.Kind.FORBIDDEN
        ? Future.succeededFuture(PlatformJson.refused("task_not_found"))
        : Future.failedFuture(error);
  }

  private Future<Caller> caller(String token) {
    return services.logins().session(token).map(Session::caller);
  }

  /** Whoever is no worker of this door is told to register, by the word of the platform for it. */
  private JsonObject heartbeat(Heartbeat beat, InetAddress sender) {
    beat.lamport().ifPresent(outsideClock);
    if (workers.heard(beat.worker(), sender)) {
      return PlatformJson.ok();
    }
    if (closing) {
      return PlatformJson.refused(stops().failure());
    }
    return workers.isRestored()
        ? PlatformJson.refused("unauthenticated")
            .put(
                "message",
                "No worker \""
                    + Refused.shown(beat.worker())
                    + "\" of "
                    + sender.getHostAddress()
                    + " is known here; send register_worker.")
        : PlatformJson.refused(
            Refused.unavailable(
                    "database-unreachable",
                    "Who registered earlier cannot be read yet; go on with heartbeats.")
                .failure());
  }

  private static Refused stops() {
    return Refused.unavailable("node-stops", "This node stops; connect to another one.");
  }

  private JsonObject result(TaskResult said, InetAddress sender) {
    boolean known =
        workers
            .find(said.worker(), sender)
            .filter(worker -> worker.reported(id(said.task()), said.answer()))
            .isPresent();
    return known ? PlatformJson.ok() : PlatformJson.refused("task_not_found");
  }

  /** Of a task; 0, which none has, for what can be none. */
  private static long id(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException none) {
      return 0;
    }
  }
}
