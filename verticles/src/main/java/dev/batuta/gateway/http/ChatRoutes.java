package dev.batuta.gateway.http;

import dev.batuta.codec.ChatMessage.Names;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.ChatJson;
import dev.batuta.gateway.json.PublicationJson;
import dev.batuta.gateway.json.PublicationJson.Publication;
import dev.batuta.gateway.json.SubmissionJson;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.PageOf;
import dev.batuta.gateway.services.ChatService.Saying;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messaging over HTTP; {@link ChatService} has the rules. */
final class ChatRoutes {
  private final ChatService chat;

  ChatRoutes(ChatService chat) {
    this.chat = chat;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "listUsers", rc -> names(chat.users(Access.caller(rc), page(rc))));
    Routes.bind(builder, "listChannels", rc -> names(chat.channels(Access.caller(rc), page(rc))));
    Routes.bind(
        builder,
        "createUser",
        rc -> created(chat.register(Access.caller(rc), RequestReader.required(rc, "name"))));
    Routes.bind(
        builder,
        "createChannel",
        rc -> created(chat.createChannel(Access.caller(rc), RequestReader.required(rc, "name"))));
    Routes.bind(builder, "listMessages", rc -> history(rc, rc.pathParam("name")));
    Routes.bind(builder, "publish", this::publish);
    Routes.bind(builder, "publishBatch", this::publishBatch);
    Routes.bind(builder, "sendMessage", this::send);
    // PublicationJson checks all that the schema says, in a tenth of its time.
    for (String operation : List.of("publish", "publishBatch", "sendMessage")) {
      builder.getRoute(operation).setDoValidation(false);
    }
    Routes.bind(builder, "conversation", rc -> conversation(rc, rc.pathParam("user")));
    Routes.bind(builder, "readMessages", this::read);
    Routes.bind(builder, "search", this::search);
  }

  /** A channel or a conversation by the query, where every name fits. */
  private Future<Answer> read(RoutingContext rc) {
    String channel = rc.queryParams().get("channel");
    String with = rc.queryParams().get("with");
    if ((channel == null) == (with == null)) {
      throw Refused.invalid(
          "invalid-request",
          "Give either channel or with: a channel's messages, or those with a user.");
    }
    return channel == null ? conversation(rc, String.valueOf(with)) : history(rc, channel);
  }

  private Future<Answer> search(RoutingContext rc) {
    Order order = "rank".equals(rc.queryParams().get("order")) ? Order.RANK : Order.TIME;
    String as = rc.queryParams().get("as");
    return chat.search(Access.caller(rc), as, RequestReader.query(rc, "q"), order, page(rc))
        .map(found -> Answer.ok(ChatJson.found(found)));
  }

  private Future<Answer> history(RoutingContext rc, String channel) {
    return page(chat.history(Access.caller(rc), channel, messages(rc)));
  }

  private Future<Answer> conversation(RoutingContext rc, String with) {
    String as = rc.queryParams().get("as");
    return page(chat.conversation(Access.caller(rc), as, with, messages(rc)));
  }

  /** To a user or to a channel by the body, where every name fits. */
  private Future<Answer> send(RoutingContext rc) {
    String key = key(rc);
    return RequestReader.parse(rc, body(rc))
        .map(PublicationJson::anywhere)
        .compose(
            given ->
                given.to() == null
                    ? publish(rc, String.valueOf(given.channel()), given, key)
                    : posted(chat.send(Access.caller(rc), given.to(), saying(given, key))));
  }

  private Future<Answer> publish(RoutingContext rc) {
    String key = key(rc);
    return RequestReader.parse(rc, body(rc))
        .map(PublicationJson::inChannel)
        .compose(given -> publish(rc, rc.pathParam("name"), given, key));
  }

  private Future<Answer> publish(
      RoutingContext rc, String channel, Publication given, @Nullable String key) {
    return posted(chat.publish(Access.caller(rc), channel, saying(given, key)));
  }

  private Future<Answer> publishBatch(RoutingContext rc) {
    Buffer body = body(rc);
    String key = key(rc);
    String channel = rc.pathParam("name");
    return rc.vertx()
        .executeBlocking(() -> PublicationJson.batch(body), false)
        .compose(
            given -> chat.publishAll(Access.caller(rc), channel, given.user(), given.texts(), key))
        .map(ids -> Answer.created(ChatJson.published(ids)));
  }

  private static Saying saying(Publication given, @Nullable String key) {
    return new Saying(given.user(), given.text(), key);
  }

  private static Buffer body(RoutingContext rc) {
    Buffer body = rc.body().buffer();
    if (body == null) {
      throw Refused.invalid("missing-body", "The body is missing; send an object of JSON.");
    }
    return body;
  }

  private static @Nullable String key(RoutingContext rc) {
    String header = rc.request().getHeader("Idempotency-Key");
    return header == null ? null : SubmissionJson.keyOfHeader(header);
  }

  /** A page, or the newest messages. */
  private static PageOf messages(RoutingContext rc) {
    int last = RequestReader.number(rc, "last", 0);
    if (last == 0) {
      return page(rc);
    }
    if (rc.queryParams().contains("after") || rc.queryParams().contains("limit")) {
      throw Refused.invalid(
          "invalid-parameter",
          "last gives the newest messages as the only page: leave out after and limit.");
    }
    return PageOf.newest(last);
  }

  private static PageOf page(RoutingContext rc) {
    return new PageOf(Routes.after(rc), Routes.limit(rc));
  }

  private static Future<Answer> names(Future<Names> asked) {
    return asked.map(names -> Answer.ok(ChatJson.names(names)));
  }

  private static Future<Answer> created(Future<String> asked) {
    return asked.map(name -> Answer.created(ChatJson.name(name)));
  }

  private static Future<Answer> page(Future<Page> asked) {
    return asked.map(page -> Answer.ok(ChatJson.page(page)));
  }

  private static Future<Answer> posted(Future<Posted> asked) {
    return asked.map(posted -> Answer.created(ChatJson.message(posted)));
  }
}
