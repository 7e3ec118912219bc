package dev.batuta.gateway.zeromq;

import static dev.batuta.gateway.zeromq.Reply.data;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.Operations;
import dev.batuta.gateway.services.ChatService.PageOf;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.identity.Caller;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Names.Of;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The services of the messaging port. Belongs to the context of the door. */
final class MessagingServices {
  private static final int PAGE = 1_000;

  /**
   * The most that one answer has; where there is more it says {@code truncated}.
   *
   * @param messages up to a thousand, the newest
   * @param names the first in their order
   */
  record Most(int messages, int names) {}

  private final ChatService chat;
  private final Caller door;
  private final ForeignOps foreign;
  private final LongSupplier timeMillis;
  private final Most most;
  private final SharedQuestion<Listed> users;
  private final SharedQuestion<Listed> channels;

  /**
   * Names of users or channels.
   *
   * @param complete whether there are no more
   */
  private record Listed(List<String> names, boolean complete) {
    Map<String, Object> under(String field) {
      return complete ? data(field, names) : truncated(data(field, names));
    }
  }

  /** The name of a user or a channel, and the field in which a client gave it. */
  private record Given(String field, Of kind, String name) {
    Refused refusal(Failure why) {
      return new Refused(why.kind(), why.code(), "The field \"" + field + "\": " + why.message());
    }
  }

  /**
   * @param timeMillis the node's corrected time
   */
  MessagingServices(ChatService chat, Caller door, ForeignOps foreign, LongSupplier timeMillis) {
    this(chat, door, foreign, timeMillis, new Most(PAGE, 50_000));
  }

  MessagingServices(
      ChatService chat, Caller door, ForeignOps foreign, LongSupplier timeMillis, Most most) {
    this.chat = chat;
    this.door = door;
    this.foreign = foreign;
    this.timeMillis = timeMillis;
    this.most = most;
    this.users = all(page -> chat.users(door, page));
    this.channels = all(page -> chat.channels(door, page));
  }

  /** By name. */
  Map<String, Service> all() {
    Map<String, Service> all = new HashMap<>();
    all.put("login", this::login);
    all.put("users", request -> users.answer().map(listed -> listed.under("users")));
    all.put("channel", this::channel);
    all.put("channels", request -> channels());
    all.put("publish", this::publish);
    all.put("message", this::message);
    all.put("subscribe", this::subscribe);
    all.put("history", this::history);
    all.put("private_history", this::privateHistory);
    all.put("clock", this::clock);
    all.put("election", request -> Future.succeededFuture(data("election", "OK")));
    all.put("heartbeat", request -> ok());
    all.put("adjust", MessagingServices::adjust);
    all.put("replicate", this::replicate);
    all.put("sync", this::sync);
    return all;
  }

  private Future<Map<String, Object>> login(Service.Request request) {
    return created(chat.register(door, request.data().required("user")), "Usuário já existe");
  }

  private Future<Map<String, Object>> channel(Service.Request request) {
    return created(
        chat.createChannel(door, request.data().required("channel", "name")), "Canal já existe");
  }

  /**
   * @param taken what clients read who look for it
   */
  private static Future<Map<String, Object>> created(Future<String> made, String taken) {
    return made.map(name -> data("status", "sucesso"))
        .recover(
            error ->
                Refused.isConflict(error)
                    ? Future.succeededFuture(Reply.refusal(taken))
                    : Future.failedFuture(error));
  }

  private SharedQuestion<Listed> all(Function<PageOf, Future<ChatMessage.Names>> page) {
    return new SharedQuestion<>(() -> names(page, null, new ArrayList<>()));
  }

  private Future<Map<String, Object>> channels() {
    return channels
        .answer()
        .map(
            listed -> {
              Map<String, Object> data = listed.under("channels");
              data.put("users", listed.names());
              return data;
            });
  }

  private Future<Listed> names(
      Function<PageOf, Future<ChatMessage.Names>> page,
      @Nullable String after,
      List<String> found) {
    return page.apply(new PageOf(after, Math.min(PAGE, most.names() - found.size())))
        .compose(
            names -> {
              found.addAll(names.items());
              boolean complete = names.next() == null;
              return complete || found.size() >= most.names()
                  ? Future.succeededFuture(new Listed(found, complete))
                  : names(page, names.next(), found);
            });
  }

  private Future<Map<String, Object>> publish(Service.Request request) {
    LooseMap data = request.data();
    String user = data.required("user");
    Saying saying = new Saying(user, data.required("message"), null);
    String channel = data.required("channel");
    return named(
        chat.publish(door, channel, saying).compose(posted -> ok()),
        new Given("user", Of.USER, user),
        new Given("channel", Of.CHANNEL, channel));
  }

  private Future<Map<String, Object>> message(Service.Request request) {
    LooseMap data = request.data();
    String src = data.required("src");
    Saying saying = new Saying(src, data.required("message"), null);
    String dst = data.required("dst");
    return named(
        chat.send(door, dst, saying).compose(posted -> ok()),
        new Given("src", Of.USER, src),
        new Given("dst", Of.USER, dst));
  }

  /** Says, where there is none of a name, in which field the client gave it. */
  private static <T> Future<T> named(Future<T> answer, Given... names) {
    return answer.recover(
        error -> {
          for (Given given : names) {
            if (error instanceof Refused refused
                && Names.isMissing(refused, given.kind(), given.name())) {
              return Future.failedFuture(given.refusal(refused.failure()));
            }
          }
          return Future.failedFuture(error);
        });
  }

  /** Nothing is kept: who subscribes is known by the topics to which its SUB socket listens. */
  private Future<Map<String, Object>> subscribe(Service.Request request) {
    String user = request.data().required("user");
    String channel = request.data().required("channel", "name");
    return named(
        chat.conversation(door, user, user, PageOf.newest(1))
            .compose(there -> chat.history(door, channel, PageOf.newest(1)))
            .map(there -> data("status", "sucesso")),
        new Given("user", Of.USER, user),
        new Given("channel", Of.CHANNEL, channel));
  }

  private Future<Map<String, Object>> history(Service.Request request) {
    String channel = request.data().required("channel", "name");
    return named(
        newest(page -> chat.history(door, channel, page), MessagingServices::inChannel),
        new Given("channel", Of.CHANNEL, channel));
  }

  private Future<Map<String, Object>> privateHistory(Service.Request request) {
    String one = request.data().required("user1");
    String other = request.data().required("user2");
    return named(
        newest(page -> chat.conversation(door, one, other, page), MessagingServices::betweenUsers),
        new Given("user1", Of.USER, one),
        new Given("user2", Of.USER, other));
  }

  /** The newest messages, and whether the first that there is is not among them. */
  private Future<Map<String, Object>> newest(
      Function<PageOf, Future<Page>> read, Function<Posted, Map<String, Object>> form) {
    return read.apply(PageOf.newest(most.messages()))
        .compose(
            newest -> {
              Map<String, Object> data =
                  data("messages", newest.items().stream().map(form).toList());
              return read.apply(new PageOf(null, 1))
                  .map(first -> beginsWith(newest, first) ? data : truncated(data));
            });
  }

  private static boolean beginsWith(Page newest, Page first) {
    return newest.items().isEmpty()
        || first.items().isEmpty()
        || newest.items().getFirst().id().equals(first.items().getFirst().id());
  }

  private static Map<String, Object> truncated(Map<String, Object> data) {
    data.put("truncated", true);
    return data;
  }

  private static Map<String, Object> inChannel(Posted posted) {
    Map<String, Object> message = data("user", posted.user());
    message.put("channel", String.valueOf(posted.channel()));
    return said(message, posted);
  }

  private static Map<String, Object> betweenUsers(Posted posted) {
    Map<String, Object> message = data("src", posted.user());
    message.put("dst", String.valueOf(posted.to()));
    return said(message, posted);
  }

  private static Map<String, Object> said(Map<String, Object> message, Posted posted) {
    message.put("message", posted.text());
    message.put("timestamp", Reply.seconds(posted.timeMillis()));
    message.put("clock", posted.clock());
    return message;
  }

  private Future<Map<String, Object>> clock(Service.Request request) {
    long now = timeMillis.getAsLong();
    Map<String, Object> data = data("time", Reply.seconds(now));
    request.timeMillis().ifPresent(theirs -> data.put("offset", (now - theirs) / 1_000.0));
    return Future.succeededFuture(data);
  }

  /** Answered and never applied: clocks here follow this cluster's coordinator. */
  private static Future<Map<String, Object>> adjust(Service.Request request) {
    return request.data().number("adjustment").isEmpty()
        ? Future.failedFuture(
            Refused.invalid(
                "invalid-request", "The field \"adjustment\" is missing: give seconds."))
        : ok();
  }

  private Future<Map<String, Object>> replicate(Service.Request request) {
    return foreign.store(ForeignOp.replicated(request.data())).compose(stored -> ok());
  }

  private Future<Map<String, Object>> sync(Service.Request request) {
    return chat.operations(door, request.data().time("last_sync").orElse(0))
        .map(MessagingServices::copy);
  }

  private static Map<String, Object> copy(Operations operations) {
    List<Object> logins = new ArrayList<>();
    List<Object> channels = new ArrayList<>();
    List<Object> inChannels = new ArrayList<>();
    List<Object> toUsers = new ArrayList<>();
    for (Content op : operations.items()) {
      switch (op) {
        case Content.Channel channel -> channels.add(channel.name());
        case Content.User user -> logins.add(ReplicatedForm.content(user));
        case Content.ChannelMessage said -> inChannels.add(ReplicatedForm.content(said));
        case Content.DirectMessage said -> toUsers.add(ReplicatedForm.content(said));
        case Content.Unseen _ -> {}
      }
    }
    Map<String, Object> data = data("logins", logins);
    data.put("channels", channels);
    data.put("channel_messages", inChannels);
    data.put("user_messages", toUsers);
    return operations.complete() ? data : truncated(data);
  }

  private static Future<Map<String, Object>> ok() {
    return Future.succeededFuture(data("status", "OK"));
  }
}
