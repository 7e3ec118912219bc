package dev.batuta.gateway.http;

import dev.batuta.codec.ChatMessage.Names;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.ChatJson;
import dev.batuta.gateway.json.SubmissionJson;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.PageOf;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;

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
    Routes.bind(builder, "publish", rc -> publish(rc, rc.pathParam("name")));
    Routes.bind(builder, "sendMessage", this::send);
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
    return page(chat.history(Access.caller(rc), channel, page(rc)));
  }

  private Future<Answer> conversation(RoutingContext rc, String with) {
    String as = rc.queryParams().get("as");
    return page(chat.conversation(Access.caller(rc), as, with, page(rc)));
  }

  /** To a user or to a channel by the body, where every name fits. */
  private Future<Answer> send(RoutingContext rc) {
    String channel = RequestReader.text(rc, "channel");
    String to = RequestReader.text(rc, "to");
    if (channel != null && to == null) {
      return publish(rc, channel);
    }
    if (to == null || channel != null) {
      throw Refused.invalid(
          "invalid-request", "Give either to or channel: a user, or a channel to publish to.");
    }
    return posted(chat.send(Access.caller(rc), to, saying(rc)));
  }

  private Future<Answer> publish(RoutingContext rc, String channel) {
    Caller caller = Access.caller(rc);
    return posted(chat.publish(caller, channel, saying(rc)));
  }

  private static Saying saying(RoutingContext rc) {
    String text = RequestReader.required(rc, "text");
    String header = rc.request().getHeader("Idempotency-Key");
    return new Saying(
        RequestReader.text(rc, "user"),
        text,
        header == null ? null : SubmissionJson.keyOfHeader(header));
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
