package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.EventFeed;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Paging;
import dev.batuta.cli.client.ServerSentEvents.Event;
import dev.batuta.codec.Text;
import dev.batuta.messaging.replica.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The messaging services, one shot each. */
@Command(
    name = "chat",
    description = "Names, channels and messages.",
    subcommands = {
      ChatCommand.Login.class,
      ChatCommand.Users.class,
      ChatCommand.Channels.class,
      ChatCommand.Create.class,
      ChatCommand.Publish.class,
      ChatCommand.Direct.class,
      ChatCommand.History.class,
      ChatCommand.Search.class,
      ChatCommand.Follow.class,
      ChatCopyCommands.Digest.class,
      ChatCopyCommands.Export.class,
      ChatBackupCommand.class,
    })
final class ChatCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: login, users, channels, create, publish, message ..");
  }

  /** A message as one line: its Lamport clock, place, author and text. */
  static String line(JsonNode message) {
    var place =
        message.hasNonNull("channel")
            ? "#" + text(message, "channel")
            : text(message, "from") + " > " + text(message, "to");
    var author = message.hasNonNull("channel") ? "  <" + text(message, "user") + ">" : "";
    return "[%s]  %s%s  %s".formatted(text(message, "clock"), place, author, text(message, "text"));
  }

  private static String name(JsonNode item) {
    return item.isObject() ? text(item, "name") : item.asText();
  }

  /** Registers a messaging name. */
  @Command(name = "login", description = "Registers a messaging name.")
  static final class Login extends ClientCommand {
    @Parameters(
        index = "0",
        paramLabel = "NAME",
        description = "1 to " + Names.MAX_CHARACTERS + " visible characters")
    String name = "";

    @Override
    int run(Api api, Output output) {
      var created = api.post("/users", Output.JSON.createObjectNode().put("name", name)).body();
      output.print(created, List.of("registered " + name(created)));
      return 0;
    }
  }

  /** Lists messaging names. */
  @Command(name = "users", description = "Lists messaging names.")
  static final class Users extends ClientCommand {
    @Mixin Paging paging = new Paging();

    @Override
    int run(Api api, Output output) {
      return names(paging.read(api, "/users", ""), output);
    }
  }

  /** Lists channels. */
  @Command(name = "channels", description = "Lists channels.")
  static final class Channels extends ClientCommand {
    @Mixin Paging paging = new Paging();

    @Override
    int run(Api api, Output output) {
      return names(paging.read(api, "/channels", ""), output);
    }
  }

  private static int names(JsonNode list, Output output) {
    var lines = new ArrayList<String>();
    list.path("items").forEach(item -> lines.add(name(item)));
    output.print(list, lines);
    Paging.more(output, list);
    return 0;
  }

  /** Creates a channel. */
  @Command(name = "create", description = "Creates a channel.")
  static final class Create extends ClientCommand {
    @Parameters(
        index = "0",
        paramLabel = "CHANNEL",
        description = "1 to " + Names.MAX_CHARACTERS + " visible characters")
    String channel = "";

    @Override
    int run(Api api, Output output) {
      var body = Output.JSON.createObjectNode().put("name", channel);
      var created = api.post("/channels", body).body();
      output.print(created, List.of("created " + name(created)));
      return 0;
    }
  }

  /** Publishes to a channel. */
  @Command(name = "publish", description = "Publishes a text to a channel.")
  static final class Publish extends ClientCommand {
    @Parameters(index = "0", paramLabel = "CHANNEL", description = "To which")
    String channel = "";

    @Parameters(index = "1", paramLabel = "TEXT", description = "What")
    String text = "";

    @Mixin Author author = new Author();

    @Override
    int run(Api api, Output output) {
      return Text.isAddressable(channel)
          ? say(api, output, path(channel), author.body(text), author)
          : say(api, output, "/messages", author.body(text).put("channel", channel), author);
    }
  }

  /** Sends a direct message. */
  @Command(name = "message", description = "Sends a text to one user.")
  static final class Direct extends ClientCommand {
    @Parameters(index = "0", paramLabel = "TO", description = "To whom")
    String to = "";

    @Parameters(index = "1", paramLabel = "TEXT", description = "What")
    String text = "";

    @Mixin Author author = new Author();

    @Override
    int run(Api api, Output output) {
      return say(api, output, "/messages", author.body(text).put("to", to), author);
    }
  }

  private static String path(String channel) {
    return "/channels/" + Api.encoded(channel) + "/messages";
  }

  private static int say(Api api, Output output, String path, JsonNode body, Author author) {
    var message = api.post(path, body, author.key, Duration.ZERO).body();
    output.print(message, List.of(line(message)));
    return 0;
  }

  /** Who says something, and which message it is. */
  static final class Author {
    @Option(names = "--user", paramLabel = "U", description = "As whom, else the token's user")
    @Nullable String user;

    @Option(
        names = "--key",
        paramLabel = "K",
        description = "The author's own id of the message: a repeat is the same message")
    @Nullable String key;

    com.fasterxml.jackson.databind.node.ObjectNode body(String text) {
      var body = Output.JSON.createObjectNode().put("text", text);
      return user == null ? body : body.put("user", user);
    }
  }

  /** Prints what was said. */
  @Command(name = "history", description = "Prints a channel, or a conversation, by clock order.")
  static final class History extends ClientCommand {
    @Parameters(index = "0", arity = "0..1", paramLabel = "CHANNEL", description = "Which")
    @Nullable String channel;

    @Option(names = "--with", paramLabel = "U", description = "The other end of a conversation")
    @Nullable String with;

    @Option(names = "--user", paramLabel = "U", description = "This end, else the token's user")
    @Nullable String user;

    @Option(names = "--last", paramLabel = "N", description = "Only so many of the newest")
    @Nullable Integer last;

    @Mixin Paging paging = new Paging();

    @Override
    int run(Api api, Output output) {
      var list = with == null ? channel(api, channel()) : conversation(api, with);
      var lines = new ArrayList<String>();
      list.path("items").forEach(message -> lines.add(line(message)));
      output.print(list, lines);
      Paging.more(output, list);
      return 0;
    }

    private JsonNode channel(Api api, String name) {
      return Text.isAddressable(name)
          ? read(api, path(name), "")
          : read(api, "/messages", "channel=" + Api.encoded(name));
    }

    private JsonNode read(Api api, String path, String query) {
      return last == null
          ? paging.read(api, path, query)
          : api.get(path + "?last=" + last + (query.isEmpty() ? "" : "&" + query));
    }

    private JsonNode conversation(Api api, String name) {
      var as = user == null ? "" : "as=" + Api.encoded(user);
      return Text.isAddressable(name)
          ? read(api, "/conversations/" + Api.encoded(name), as)
          : read(api, "/messages", "with=" + Api.encoded(name) + (as.isEmpty() ? "" : "&" + as));
    }

    private String channel() {
      if (channel == null) {
        throw new ParameterException(
            spec.commandLine(), "Name a channel, or a user by --with: nothing to print");
      }
      return channel;
    }
  }

  /** Finds what was said. */
  @Command(
      name = "search",
      description = "Finds messages that have all words: of channels, and the user's direct ones.")
  static final class Search extends ClientCommand {
    /** In which order. */
    enum Order {
      TIME,
      RANK
    }

    @Parameters(
        index = "0",
        arity = "1..*",
        paramLabel = "Q",
        description = "Words, as you would type them; no character has a meaning of its own")
    List<String> words = List.of();

    @Option(
        names = "--order",
        paramLabel = "O",
        defaultValue = "time",
        description =
            "time, the latest first, or rank, the best first among about 300 of the latest"
                + " (default: ${DEFAULT-VALUE})")
    Order order = Order.TIME;

    @Option(
        names = "--user",
        paramLabel = "U",
        description = "Whose direct messages, else the token's user's; an admin names one")
    @Nullable String user;

    @Mixin Paging paging = new Paging();

    @Override
    int run(Api api, Output output) {
      var query =
          "q="
              + Api.encoded(String.join(" ", words))
              + "&order="
              + order.name().toLowerCase(Locale.ROOT)
              + (user == null ? "" : "&as=" + Api.encoded(user));
      var list = paging.read(api, "/search", query);
      var lines = new ArrayList<String>();
      list.path("items").forEach(message -> lines.add(line(message)));
      output.print(list, lines);
      Paging.more(output, list);
      if (list.path("behind").asLong() > 0) {
        output.remark(
            "the index lags: %s operations are not in it yet%s"
                .formatted(
                    text(list, "behind"),
                    list.hasNonNull("indexedUntil")
                        ? ", it has those until " + text(list, "indexedUntil")
                        : ""));
      }
      return 0;
    }
  }

  /** Streams messages. */
  @Command(
      name = "follow",
      description = "Streams channel messages, and the token's user's direct ones, until Ctrl-C.")
  static final class Follow extends ClientCommand {
    private static final Duration LONG = Duration.ofHours(1);

    @Parameters(index = "0", arity = "0..1", paramLabel = "CHANNEL", description = "Only this one")
    @Nullable String channel;

    @Option(
        names = "--user",
        paramLabel = "U",
        description = "Whose direct messages, else the token's user's; an admin names one")
    @Nullable String user;

    @Override
    int run(Api api, Output output) {
      var path =
          "/events?types=messages"
              + (channel == null ? "" : "&channel=" + Api.encoded(channel))
              + (user == null ? "" : "&user=" + Api.encoded(user));
      var feed = EventFeed.follow(api, path, output::remark);
      while (true) {
        feed.next(LONG)
            .map(Event::json)
            .ifPresent(message -> output.print(message, List.of(line(message))));
      }
    }
  }
}
