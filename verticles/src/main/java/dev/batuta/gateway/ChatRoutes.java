package dev.batuta.gateway;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ChatMessage.Conversation;
import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Direct;
import dev.batuta.codec.ChatMessage.History;
import dev.batuta.codec.ChatMessage.ListChannels;
import dev.batuta.codec.ChatMessage.ListUsers;
import dev.batuta.codec.ChatMessage.Names;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.Routes.Answer;
import dev.batuta.gateway.Servers.Answered;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/** Messaging: names, channels, messages. */
final class ChatRoutes {
  private static final int MAX_REMEMBERED = 10_000;
  private final Servers servers;
  private final Duration answer;
  private final Set<String> registered = new HashSet<>();

  ChatRoutes(Servers servers, Duration answer) {
    this.servers = servers;
    this.answer = answer;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(
        builder, "listUsers", rc -> names(new ListUsers(Routes.after(rc), Routes.limit(rc))));
    Routes.bind(
        builder, "listChannels", rc -> names(new ListChannels(Routes.after(rc), Routes.limit(rc))));
    Routes.bind(builder, "createUser", this::createUser);
    Routes.bind(
        builder,
        "createChannel",
        rc -> created(new CreateChannel(RequestReader.required(rc, "name"))));
    Routes.bind(builder, "listMessages", this::history);
    Routes.bind(builder, "publish", this::publish);
    Routes.bind(builder, "sendMessage", this::direct);
    Routes.bind(builder, "conversation", this::conversation);
  }

  private Future<Answer> names(Message list) {
    return ask(list, Names.class).map(names -> Answer.ok(ChatJson.names(names)));
  }

  private Future<Answer> createUser(RoutingContext rc) {
    Caller caller = Access.caller(rc);
    String name = RequestReader.required(rc, "name");
    if (!caller.isAdmin() && !name.equals(caller.user())) {
      throw Refusals.forbidden(
          "\""
              + Refusals.shown(name)
              + "\" is not your name; register \""
              + Refusals.shown(caller.user())
              + "\", or log in as an admin.");
    }
    return created(new CreateUser(name));
  }

  private Future<Answer> created(Message request) {
    return ask(request, Created.class).map(made -> Answer.created(ChatJson.name(made.name())));
  }

  private Future<Answer> history(RoutingContext rc) {
    return page(new History(rc.pathParam("name"), Routes.after(rc), Routes.limit(rc)));
  }

  private Future<Answer> conversation(RoutingContext rc) {
    String user = Access.caller(rc).actingAs(rc.queryParams().get("as"));
    return acting(rc, user)
        .compose(
            name ->
                page(
                    new Conversation(
                        name, rc.pathParam("user"), Routes.after(rc), Routes.limit(rc))));
  }

  private Future<Answer> page(Message request) {
    return ask(request, Page.class).map(page -> Answer.ok(ChatJson.page(page)));
  }

  private Future<Answer> publish(RoutingContext rc) {
    String user = Access.caller(rc).actingAs(RequestReader.text(rc, "user"));
    String text = RequestReader.required(rc, "text");
    String channel = rc.pathParam("name");
    return acting(rc, user)
        .compose(name -> posted(new Publish(name, channel, text, messageId(rc))));
  }

  private Future<Answer> direct(RoutingContext rc) {
    String user = Access.caller(rc).actingAs(RequestReader.text(rc, "user"));
    String to = RequestReader.required(rc, "to");
    String text = RequestReader.required(rc, "text");
    return acting(rc, user).compose(name -> posted(new Direct(name, to, text, messageId(rc))));
  }

  private Future<Answer> posted(Message request) {
    return ask(request, Posted.class).map(posted -> Answer.created(ChatJson.message(posted)));
  }

  /** The name to act under; the own name of a user is registered when it is first needed. */
  private Future<String> acting(RoutingContext rc, String name) {
    Caller caller = Access.caller(rc);
    if (caller.isAdmin() || registered.contains(name)) {
      return Future.succeededFuture(name);
    }
    return ask(new CreateUser(name), Created.class)
        .map(Created::name)
        .recover(
            error ->
                error instanceof Refused refused && refused.failure().kind() == Kind.CONFLICT
                    ? Future.succeededFuture(name)
                    : Future.failedFuture(error))
        .map(
            known -> {
              if (registered.size() >= MAX_REMEMBERED) {
                registered.clear();
              }
              registered.add(name);
              return name;
            });
  }

  private <M extends Message> Future<M> ask(Message request, Class<M> kind) {
    return servers.ask(Addresses::messaging, request, kind, answer).map(Answered::answer);
  }

  /** The author's own id of a message; one is made where the client gives none. */
  private static String messageId(RoutingContext rc) {
    String header = rc.request().getHeader("Idempotency-Key");
    return header == null
        ? UUID.randomUUID().toString()
        : Submissions.checkedKey("Idempotency-Key", header);
  }
}
