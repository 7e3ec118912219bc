package dev.batuta.gateway.http;

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
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.ChatJson;
import dev.batuta.gateway.json.SubmissionJson;
import dev.batuta.gateway.services.Servers;
import dev.batuta.gateway.services.Servers.Answered;
import dev.batuta.identity.Caller;
import dev.batuta.messaging.replica.Name;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Messaging: names, channels, messages. */
final class ChatRoutes {
  private static final int MAX_REMEMBERED = 10_000;
  private final Servers servers;
  private final Duration answer;

  /** How the names of tokens are known. */
  private final Map<String, String> ownNames = new HashMap<>();

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
    Routes.bind(builder, "listMessages", rc -> history(rc, rc.pathParam("name")));
    Routes.bind(builder, "publish", rc -> publish(rc, rc.pathParam("name")));
    Routes.bind(builder, "sendMessage", this::send);
    Routes.bind(builder, "conversation", rc -> conversation(rc, rc.pathParam("user")));
    Routes.bind(builder, "readMessages", this::read);
  }

  private Future<Answer> names(Message list) {
    return ask(list, Names.class).map(names -> Answer.ok(ChatJson.names(names)));
  }

  private Future<Answer> createUser(RoutingContext rc) {
    Caller caller = Access.caller(rc);
    String name = RequestReader.required(rc, "name");
    if (!caller.isAdmin() && !Name.same(name, caller.user())) {
      throw Refused.forbidden(
          "\""
              + Refused.shown(name)
              + "\" is not your name; register \""
              + Refused.shown(caller.user())
              + "\", or log in as an admin.");
    }
    return created(new CreateUser(name));
  }

  private Future<Answer> created(Message request) {
    return ask(request, Created.class).map(made -> Answer.created(ChatJson.name(made.name())));
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

  private Future<Answer> history(RoutingContext rc, String channel) {
    return page(new History(channel, Routes.after(rc), Routes.limit(rc)));
  }

  private Future<Answer> conversation(RoutingContext rc, String with) {
    return acting(
        rc,
        rc.queryParams().get("as"),
        name -> page(new Conversation(name, with, Routes.after(rc), Routes.limit(rc))));
  }

  private Future<Answer> page(Message request) {
    return ask(request, Page.class).map(page -> Answer.ok(ChatJson.page(page)));
  }

  private Future<Answer> publish(RoutingContext rc, String channel) {
    String text = RequestReader.required(rc, "text");
    String id = messageId(rc);
    return acting(
        rc, RequestReader.text(rc, "user"), name -> posted(new Publish(name, channel, text, id)));
  }

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
    String text = RequestReader.required(rc, "text");
    String id = messageId(rc);
    return acting(
        rc, RequestReader.text(rc, "user"), name -> posted(new Direct(name, to, text, id)));
  }

  private Future<Answer> posted(Message request) {
    return ask(request, Posted.class).map(posted -> Answer.created(ChatJson.message(posted)));
  }

  /** Acts under the name that is given; a user has its own only, and need not give it. */
  private Future<Answer> acting(
      RoutingContext rc, @Nullable String given, Function<String, Future<Answer>> act) {
    Caller caller = Access.caller(rc);
    caller.checkActsAs(given);
    if (caller.isAdmin()) {
      return act.apply(given == null ? caller.user() : given);
    }
    String user = caller.user();
    return own(user)
        .compose(name -> act.apply(name).recover(error -> again(user, name, error, act)));
  }

  /** Repeats what failed once if a token's own name is known as another one by now. */
  private Future<Answer> again(
      String user, String name, Throwable error, Function<String, Future<Answer>> act) {
    if (!(error instanceof Refused refused) || !refused.failure().code().equals("user-not-found")) {
      return Future.failedFuture(error);
    }
    ownNames.remove(user);
    return own(user)
        .compose(anew -> anew.equals(name) ? Future.failedFuture(error) : act.apply(anew));
  }

  /** How a token's own name is known; it is registered when it is first needed. */
  private Future<String> own(String user) {
    String known = ownNames.get(user);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    return ask(new CreateUser(user, true), Created.class)
        .map(Created::name)
        .recover(
            // Two requests registered it at once; or a channel has the name, which acting will say.
            error ->
                error instanceof Refused refused && refused.failure().kind() == Kind.CONFLICT
                    ? Future.succeededFuture(user)
                    : Future.failedFuture(error))
        .onSuccess(
            name -> {
              if (ownNames.size() >= MAX_REMEMBERED) {
                ownNames.clear();
              }
              ownNames.put(user, name);
            });
  }

  private <M extends Message> Future<M> ask(Message request, Class<M> kind) {
    return servers.ask(Addresses::messaging, request, kind, answer).map(Answered::answer);
  }

  /** The author's own id of a message; one is made where the client gives none. */
  private static String messageId(RoutingContext rc) {
    String header = rc.request().getHeader("Idempotency-Key");
    return header == null ? UUID.randomUUID().toString() : SubmissionJson.keyOfHeader(header);
  }
}
