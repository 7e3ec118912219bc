package dev.batuta.gateway.json;

import static dev.batuta.gateway.json.SubmissionJson.invalid;
import static dev.batuta.gateway.json.SubmissionJson.onlyFields;
import static dev.batuta.gateway.json.SubmissionJson.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.messaging.replica.Batch;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What clients publish; what the request alone shows to be wrong is refused here. */
public final class PublicationJson {
  private PublicationJson() {}

  /**
   * A message.
   *
   * @param user under which name, null for the caller's own
   * @param channel where it is published, null where the request says that elsewhere, or it is for
   *     a user
   * @param to for whom it is, null where it is published
   */
  public record Publication(
      @Nullable String user, @Nullable String channel, @Nullable String to, String text) {}

  /** The body of a publication to a channel that the path names. */
  public static Publication inChannel(ObjectNode given) {
    onlyFields(given, Set.of("text", "user"), "");
    return publication(given);
  }

  /** The body of a message to a user, or to a channel. */
  public static Publication anywhere(ObjectNode given) {
    onlyFields(given, Set.of("text", "user", "to", "channel"), "");
    if (given.has("to") == given.has("channel")) {
      throw invalid("Give either to or channel: a user, or a channel to publish to.");
    }
    return publication(given);
  }

  private static Publication publication(ObjectNode given) {
    return new Publication(
        optional(given, "user"),
        optional(given, "channel"),
        optional(given, "to"),
        text(given, "", "text"));
  }

  private static @Nullable String optional(ObjectNode given, String field) {
    return given.has(field) ? text(given, "", field) : null;
  }

  /**
   * Messages that are published at once.
   *
   * @param user under which name, null for the caller's own
   */
  public record Publications(@Nullable String user, List<String> texts) {}

  /** The body of a publication of many, as it came. */
  public static Publications batch(Buffer body) {
    ObjectNode given = ExactJson.object(body);
    onlyFields(given, Set.of("messages", "user"), "");
    JsonNode messages = given.path("messages");
    if (!messages.isArray()) {
      throw invalid("messages is missing; send an array such as [{\"text\": \"..\"}].");
    }
    Batch.checkCount(messages.size());
    List<String> texts = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      if (!(messages.get(i) instanceof ObjectNode message)) {
        throw invalid("messages[" + i + "] is not an object; send {\"text\": \"..\"}.");
      }
      String at = "messages[" + i + "].";
      onlyFields(message, Set.of("text"), at);
      texts.add(text(message, at, "text"));
    }
    return new Publications(optional(given, "user"), texts);
  }
}
