package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Name;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What another system replicates: a user, a channel or a message, in the shapes of {@code
 * replicate} and of what is published on topics. Two that are equal in type, names, text and time
 * are one, whatever way they come.
 */
sealed interface ForeignOp {
  /** A user's name was registered. */
  record Login(String user, OptionalLong timeMillis) implements ForeignOp {}

  /** A channel was created. */
  record NewChannel(String name, OptionalLong timeMillis) implements ForeignOp {}

  /** Something was said in a channel. */
  record InChannel(String user, String channel, String text, OptionalLong timeMillis)
      implements ForeignOp {}

  /** Something was said to a user. */
  record ToUser(String from, String to, String text, OptionalLong timeMillis)
      implements ForeignOp {}

  /** When it happened there, in milliseconds since 1970. */
  OptionalLong timeMillis();

  /**
   * The op of a {@code replicate} request.
   *
   * @param data with {@code type} and {@code content}
   * @throws Refused that names the field which is none of those
   */
  static ForeignOp replicated(LooseMap data) {
    LooseMap content = data.has("content") ? data.map("content") : data;
    OptionalLong time = content.time("timestamp");
    return switch (data.required("type")) {
      case "login" -> new Login(content.required("username", "user"), time);
      case "channel" -> new NewChannel(content.required("channel", "name"), time);
      case "channel_message" ->
          new InChannel(
              content.required("user", "username"),
              content.required("channel"),
              content.required("message"),
              time);
      case "user_message" ->
          new ToUser(
              content.required("src", "from"),
              content.required("dst", "to"),
              content.required("message"),
              time);
      case String other ->
          throw Refused.invalid(
              "invalid-request",
              "The field \"type\" is \""
                  + Refused.shown(other)
                  + "\": give login, channel, channel_message or user_message.");
    };
  }

  /**
   * The message that was published on a topic. A publisher can be told nothing: one whose time
   * cannot be read is better kept without than lost.
   *
   * @throws Refused that names the field which is wrong or missing
   */
  static ForeignOp published(String topic, LooseMap map) {
    OptionalLong time = map.readableTime("timestamp");
    if (map.has("dst") || (map.has("to") && !map.has("channel"))) {
      return new ToUser(
          map.required("src", "from", "user"),
          onTopic(topic, map.required("dst", "to")),
          map.required("message"),
          time);
    }
    return new InChannel(
        map.required("user", "username"),
        onTopic(topic, map.text("channel").orElse(topic)),
        map.required("message"),
        time);
  }

  private static String onTopic(String topic, String name) {
    if (!Name.same(topic, name)) {
      throw Refused.invalid(
          "invalid-request",
          "The topic \""
              + Refused.shown(topic)
              + "\" is not where \""
              + Refused.shown(name)
              + "\" is heard: publish on the name itself.");
    }
    return name;
  }

  /** What makes two of them one; none where the time is not known of what may be said twice. */
  default Optional<String> identity() {
    return switch (this) {
      case Login(var user, _) -> Optional.of(hash("login", Name.fold(user)));
      case NewChannel(var name, _) -> Optional.of(hash("channel", Name.fold(name)));
      case InChannel(var user, var channel, var text, var time) ->
          time.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  hash(
                      "channel_message",
                      Name.fold(user),
                      Name.fold(channel),
                      text,
                      String.valueOf(time.getAsLong())));
      case ToUser(var from, var to, var text, var time) ->
          time.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  hash(
                      "user_message",
                      Name.fold(from),
                      Name.fold(to),
                      text,
                      String.valueOf(time.getAsLong())));
    };
  }

  private static String hash(String... parts) {
    String all =
        Stream.of(parts).map(part -> part.length() + ":" + part).collect(Collectors.joining());
    byte[] digest = MessageId.sha256().digest(all.getBytes(StandardCharsets.UTF_8));
    return "foreign-"
        + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 18));
  }
}
