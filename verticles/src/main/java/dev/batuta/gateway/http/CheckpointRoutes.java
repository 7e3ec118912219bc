package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Checkpoint;
import dev.batuta.codec.TaskMessage.HeldTask;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.TaskJson;
import dev.batuta.gateway.services.CheckpointService;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import org.jspecify.annotations.Nullable;

/** The state of orchestrators over HTTP; {@link CheckpointService} has the rules. */
final class CheckpointRoutes {
  private final CheckpointService checkpoints;

  CheckpointRoutes(CheckpointService checkpoints) {
    this.checkpoints = checkpoints;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "checkpoint", this::checkpoint);
  }

  private Future<Answer> checkpoint(RoutingContext rc) {
    Caller caller = Access.caller(rc);
    String server = rc.queryParams().get("server");
    String after = Routes.after(rc);
    int limit = RequestReader.number(rc, "limit", TaskMessage.MAX_CHECKPOINT_PAGE);
    if (server != null) {
      return checkpoints
          .of(caller, server, after, limit)
          .map(page -> Answer.ok(ClusterAnswers.body(new JsonArray().add(json(page)))));
    }
    if (after != null) {
      throw Refused.invalid(
          "invalid-parameter",
          "after \"" + Refused.shown(after) + "\" is of one server's pages; name that server too.");
    }
    return checkpoints
        .all(caller, limit)
        .map(servers -> Answer.ok(ClusterAnswers.body(servers, CheckpointRoutes::json)));
  }

  private static JsonObject json(Checkpoint page) {
    JsonObject counts = new JsonObject();
    page.counts()
        .states()
        .forEach(each -> counts.put(each.state().name(), Math.max(0, each.count())));
    JsonArray workers = new JsonArray();
    page.counts().workers().forEach(worker -> workers.add(json(worker)));
    JsonArray unfinished = new JsonArray();
    page.tasks().forEach(task -> unfinished.add(json(task)));
    return new JsonObject()
        .put("server", page.server())
        .put("term", page.term())
        .put("heirOf", new JsonArray(page.counts().heirOf()))
        .put("tasks", counts)
        .put("workers", workers)
        .put("unfinished", unfinished)
        .put("next", page.next() == 0 ? null : Long.toString(page.next()));
  }

  private static JsonObject json(WorkerView worker) {
    return new JsonObject()
        .put("id", worker.id())
        .put("home", worker.home())
        .put("registration", worker.registration())
        .put("outstanding", worker.outstanding())
        .put("credits", worker.credits())
        .put("kinds", new JsonArray(worker.kinds()));
  }

  private static JsonObject json(HeldTask task) {
    return new JsonObject()
        .put("id", Long.toString(task.id()))
        .put("kind", task.kind())
        .put("place", task.place().name())
        .put("attempt", task.attempt())
        .put("maxAttempts", task.maxAttempts())
        .put("priority", task.priority())
        .put("due", instant(task.dueMillis()))
        .put("worker", task.worker())
        .put("startedAt", instant(task.startedAtMillis()));
  }

  private static @Nullable String instant(long millis) {
    return TaskJson.instant(millis);
  }
}
