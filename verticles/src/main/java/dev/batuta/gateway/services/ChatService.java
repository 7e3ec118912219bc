package dev.batuta.gateway.services;

import static dev.batuta.messaging.replica.Names.isNoUser;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ChatMessage.Conversation;
import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Direct;
import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.History;
import dev.batuta.codec.ChatMessage.ListChannels;
import dev.batuta.codec.ChatMessage.ListUsers;
import dev.batuta.codec.ChatMessage.Names;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.PostedAll;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.ChatMessage.PublishAll;
import dev.batuta.codec.ChatMessage.Search;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.Servers.Answered;
import dev.batuta.identity.Caller;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Name;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Messaging: names, channels, messages. A user acts under the messaging name that equals its own,
 * which is registered when it is first needed; an admin, and a door without credentials, under any
 * that is registered. Channels are everybody's to read; a conversation is that of its two ends. Any
 * thread may ask.
 */
public final class ChatService {
  private static final int MAX_REMEMBERED = 10_000;

  private final Servers servers;
  private final Duration answer;
  private final OperationScan scan;

  /** How the names of users are known, by user; forgotten when they are too many. */
  private final Map<String, String> ownNames = new ConcurrentHashMap<>();

  /**
   * @param answer within which a server has to answer
   */
  public ChatService(Servers servers, Duration answer) {
    this.servers = servers;
    this.answer = answer;
    this.scan = new OperationScan(servers, answer);
  }

  /**
   * A page of a list.
   *
   * @param after the {@code next} of the page before, null at the start
   * @param last whether the newest messages are wanted instead, which is the only page then
   */
  public record PageOf(@Nullable String after, int limit, boolean last) {
    /** A page behind a place. */
    public PageOf(@Nullable String after, int limit) {
      this(after, limit, false);
    }

    /** The newest messages. */
    public static PageOf newest(int limit) {
      return new PageOf(null, limit, true);
    }
  }

  /**
   * What is said.
   *
   * @param as the name to act under, null for the caller's own
   * @param messageId the author's own id of the message, so that a repeat is the same one, and is
   *     refused (CONFLICT) with another text or receiver; one is made for null
   * @param saidMillis when another system took it, which replicates it here by a door without
   *     credentials; 0 for now
   */
  public record Saying(
      @Nullable String as, String text, @Nullable String messageId, long saidMillis) {
    /** What is said now. */
    public Saying(@Nullable String as, String text, @Nullable String messageId) {
      this(as, text, messageId, 0);
    }

    private String id() {
      return messageId == null ? UUID.randomUUID().toString() : messageId;
    }
  }

  /** Registered messaging names. */
  public Future<Names> users(Caller caller, PageOf page) {
    return ask(new ListUsers(page.after(), page.limit()), Names.class);
  }

  public Future<Names> channels(Caller caller, PageOf page) {
    return ask(new ListChannels(page.after(), page.limit()), Names.class);
  }

  /** Registers a messaging name, a user's own only, and answers how it is known. */
  public Future<String> register(Caller caller, String name) {
    if (!caller.actsForAnyone() && !Name.same(name, caller.user())) {
      return Future.failedFuture(
          Refused.forbidden(
              "\""
                  + Refused.shown(name)
                  + "\" is not your name; register \""
                  + Refused.shown(caller.user())
                  + "\", or log in as an admin."));
    }
    return ask(new CreateUser(name), Created.class).map(Created::name);
  }

  /** Creates a channel and answers how it is known. */
  public Future<String> createChannel(Caller caller, String name) {
    return ask(new CreateChannel(name), Created.class).map(Created::name);
  }

  /** Messages of a channel. */
  public Future<Page> history(Caller caller, String channel, PageOf page) {
    return ask(new History(channel, page.after(), page.limit(), page.last()), Page.class);
  }

  /**
   * Messages between two users.
   *
   * @param as one of them, null for the caller
   */
  public Future<Page> conversation(Caller caller, @Nullable String as, String with, PageOf page) {
    return acting(
        caller,
        as,
        name ->
            ask(new Conversation(name, with, page.after(), page.limit(), page.last()), Page.class));
  }

  /**
   * Messages that have all words of a query: those of channels, and the direct ones of one user.
   *
   * @param as that user, null for the caller; a door without credentials names one, or gets none
   */
  public Future<Found> search(
      Caller caller, @Nullable String as, String query, Order order, PageOf page) {
    return Thrown.asFailure(
        () -> {
          caller.checkActsAs(as);
          // One's own name need not be registered to read.
          boolean own = !caller.actsForAll() && (as == null || Name.isOf(caller.user(), as));
          String user = own ? caller.user() : as;
          return ask(new Search(query, user, own, order, page.after(), page.limit()), Found.class);
        });
  }

  /** Says something in a channel. */
  public Future<Posted> publish(Caller caller, String channel, Saying saying) {
    String id = saying.id();
    return acting(
        caller,
        saying.as(),
        name ->
            ask(new Publish(name, channel, saying.text(), id, said(caller, saying)), Posted.class));
  }

  /**
   * Says several things in a channel, in this order, all of them or none.
   *
   * @param as the name to act under, null for the caller's own
   * @param key the author's own, so that a repeat is the same messages; one is made for null
   * @return the ids of the messages
   */
  public Future<List<String>> publishAll(
      Caller caller,
      String channel,
      @Nullable String as,
      List<String> texts,
      @Nullable String key) {
    String id = key == null ? UUID.randomUUID().toString() : key;
    return acting(
            caller, as, name -> ask(new PublishAll(name, channel, texts, id), PostedAll.class))
        .map(PostedAll::ids);
  }

  /** Says something to a user. */
  public Future<Posted> send(Caller caller, String to, Saying saying) {
    String id = saying.id();
    return acting(
        caller,
        saying.as(),
        name -> ask(new Direct(name, to, saying.text(), id, said(caller, saying)), Posted.class));
  }

  /** Only another system knows of another time than now. */
  private static long said(Caller caller, Saying saying) {
    return caller.actsForAll() ? saying.saidMillis() : 0;
  }

  /**
   * What this copy of the chat consists of.
   *
   * @param items from the oldest on, each name and each message once
   * @param complete whether there is no more: what is left out is newer than all that is given
   */
  public record Operations(List<Content> items, boolean complete) {}

  /**
   * All users, channels and messages since a time, direct ones too, for another system that keeps a
   * copy: by a door without credentials, or for an admin. BUSY while many others ask for it.
   */
  public Future<Operations> operations(Caller caller, long sinceMillis) {
    return Thrown.asFailure(
        () -> {
          if (!caller.actsForAnyone()) {
            throw caller.noAdmin();
          }
          return scan.since(sinceMillis);
        });
  }

  /** Acts under the name that is given; a user has its own only, and need not give it. */
  private <T> Future<T> acting(
      Caller caller, @Nullable String given, Function<String, Future<T>> act) {
    return Thrown.asFailure(
        () -> {
          caller.checkActsAs(given);
          if (caller.actsForAnyone()) {
            return act.apply(given == null ? caller.user() : given);
          }
          String user = caller.user();
          return own(user)
              .compose(name -> act.apply(name).recover(error -> again(user, name, error, act)));
        });
  }

  /** Repeats what failed once if a user's own name is known as another one by now. */
  private <T> Future<T> again(
      String user, String name, Throwable error, Function<String, Future<T>> act) {
    if (!isNoUser(error)) {
      return Future.failedFuture(error);
    }
    ownNames.remove(user);
    return own(user)
        .compose(anew -> anew.equals(name) ? Future.failedFuture(error) : act.apply(anew));
  }

  /** How a user's own name is known; it is registered when it is first needed. */
  private Future<String> own(String user) {
    String known = ownNames.get(user);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    return ask(new CreateUser(user, true), Created.class)
        .map(Created::name)
        .recover(
            // Two requests registered it at once.
            error ->
                Refused.isConflict(error)
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
}
