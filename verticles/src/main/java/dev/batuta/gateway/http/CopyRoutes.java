package dev.batuta.gateway.http;

import dev.batuta.codec.ChatMessage.Digest;
import dev.batuta.codec.ChatMessage.Synced;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.ChatJson;
import dev.batuta.gateway.services.CopyService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;

/** The copies of the chat over HTTP; {@link CopyService} has the rules. */
final class CopyRoutes {
  private final CopyService copies;

  CopyRoutes(CopyService copies) {
    this.copies = copies;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(
        builder,
        "digests",
        rc ->
            copies
                .digests(Access.caller(rc))
                .map(all -> Answer.ok(ClusterAnswers.body(all, CopyRoutes::json))));
    Routes.bind(
        builder,
        "sync",
        rc ->
            copies
                .sync(Access.caller(rc))
                .map(all -> Answer.ok(ClusterAnswers.body(all, CopyRoutes::json))));
    Routes.bind(builder, "exportMessages", this::export);
  }

  private Future<Answer> export(RoutingContext rc) {
    String server = RequestReader.query(rc, "server");
    return copies
        .export(Access.caller(rc), server, Routes.after(rc), Routes.limit(rc))
        .map(
            page -> {
              JsonArray items = new JsonArray();
              page.ops().stream().map(ChatJson::op).forEach(items::add);
              return Answer.ok(
                  new JsonObject().put("items", items).put("next", CopyService.next(page)));
            });
  }

  private static JsonObject json(Digest digest) {
    return new JsonObject()
        .put("server", digest.server())
        .put("digest", digest.digest())
        .put("users", digest.users())
        .put("channels", digest.channels())
        .put("channelMessages", digest.channelMessages())
        .put("directMessages", digest.directMessages())
        .put("complete", digest.complete());
  }

  private static JsonObject json(Synced synced) {
    return new JsonObject()
        .put("server", synced.server())
        .put("with", synced.with())
        .put("moved", synced.moved());
  }
}
