package dev.batuta.gateway.http;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.AskCheckpoint;
import dev.batuta.codec.TaskMessage.Checkpoint;
import dev.batuta.codec.TaskMessage.HeldTask;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.TaskJson;
import dev.batuta.gateway.services.Servers;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of orchestrators, page by page: an answer holds one page of unfinished tasks of each
 * server that was asked, and no more, however many there are.
 */
final class CheckpointRoutes {
  private final Servers servers;
  private final Duration answer;

  CheckpointRoutes(Servers servers, Duration answer) {
    this.servers = servers;
    this.answer = answer;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "checkpoint", this::checkpoint);
  }

  private Future<Answer> checkpoint(RoutingContext rc) {
    String server = rc.queryParams().get("server");
    String after = Routes.after(rc);
    int limit = RequestReader.number(rc, "limit", TaskMessage.MAX_CHECKPOINT_PAGE);
    if (after != null && server == null) {
      throw Refused.invalid(
          "invalid-parameter",
          "after \"" + Refused.shown(after) + "\" is of one server's pages; name that server too.");
    }
    List<String> asked = server == null ? servers.candidates() : List.of(known(server));
    AskCheckpoint ask = new AskCheckpoint(after == null ? 0 : TaskRoutes.after(after), limit);
    List<Future<Checkpoint>> pages = asked.stream().map(name -> page(name, ask)).toList();
    if (server != null) {
      return pages.getFirst().map(page -> Answer.ok(body(new JsonArray().add(json(page)))));
    }
    return Future.join(pages)
        .transform(all -> Future.succeededFuture(Answer.ok(all(asked, pages))));
  }

  private String known(String server) {
    if (!servers.candidates().contains(server)) {
      throw Refused.notFound(
          "server-not-found",
          "No server \""
              + Refused.shown(server)
              + "\" lives; there are "
              + String.join(", ", servers.candidates())
              + ".");
    }
    return server;
  }

  private Future<Checkpoint> page(String server, AskCheckpoint ask) {
    return servers.askOnly(
        server,
        Addresses::tasks,
        ask,
        Checkpoint.class,
        answer,
        "whose state was asked for: see whether it lives");
  }

  /** The pages of those that answered; the others say why they did not. */
  private static JsonObject all(List<String> asked, List<Future<Checkpoint>> pages) {
    JsonArray items = new JsonArray();
    for (int i = 0; i < pages.size(); i++) {
      Future<Checkpoint> page = pages.get(i);
      items.add(page.succeeded() ? json(page.result()) : silent(asked.get(i), page.cause()));
    }
    return body(items);
  }

  private static JsonObject body(JsonArray items) {
    return new JsonObject().put("at", Instant.now().toString()).put("servers", items);
  }

  private static JsonObject silent(String server, Throwable why) {
    Failure failure = why instanceof Refused refused ? refused.failure() : null;
    return new JsonObject()
        .put("server", server)
        .put("code", failure == null ? "internal" : failure.code())
        .put("detail", failure == null ? String.valueOf(why.getMessage()) : failure.message());
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
