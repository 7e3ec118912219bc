package dev.batuta.database;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What an attempt may give back: a result as JSON, or the reason why it failed. Checked by the
 * worker, which makes it, and by the owner of the task, which stores it; whoever reads it later may
 * rely on that.
 */
public final class Results {
  /** Levels of objects and arrays; common readers of JSON take twice as many. */
  public static final int MAX_DEPTH = 500;

  /** Characters of one number; common readers of JSON take no more. */
  public static final int MAX_NUMBER = 1000;

  /** Characters of a reason. */
  public static final int MAX_REASON = 500;

  /** Said of a result with more levels, or with itself in it. */
  public static final String TOO_DEEP =
      "the result has more than %d levels of objects and arrays: give it flatter"
          .formatted(MAX_DEPTH);

  /** Reads and writes JSON whatever its measures: the limits here are ours, in our own words. */
  public static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
          .build();

  private Results() {}

  /** Why a result may not be stored: which limit, which value, what to do; empty if it may. */
  public static Optional<String> flaw(String json) {
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > TaskMessage.MAX_JSON_BYTES) {
      return Optional.of(
          "the result has %d bytes as JSON, more than %d: keep it elsewhere"
              .formatted(bytes, TaskMessage.MAX_JSON_BYTES));
    }
    String complaint = KeepableJson.complaint(json);
    if (complaint != null) {
      return Optional.of("in the result: " + complaint + ": leave it out");
    }
    try (JsonParser parser = JSON.createParser(json)) {
      return flaw(parser);
    } catch (IOException malformed) {
      return Optional.of("the result is not JSON: " + malformed.getMessage());
    }
  }

  private static Optional<String> flaw(JsonParser parser) throws IOException {
    int values = 0;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      int depth = parser.getParsingContext().getNestingDepth();
      values += depth == 0 ? 1 : 0;
      if (depth > MAX_DEPTH) {
        return Optional.of(TOO_DEEP);
      }
      if (token.isNumeric() && parser.getTextLength() > MAX_NUMBER) {
        return Optional.of(
            "the result has a number of %d characters (%s..), more than %d: give it as a text"
                .formatted(parser.getTextLength(), parser.getText().substring(0, 20), MAX_NUMBER));
      }
    }
    return values == 1
        ? Optional.empty()
        : Optional.of("the result is %d values of JSON: give one".formatted(values));
  }

  /**
   * A reason as it is stored: whole, or its beginning and how long it was. Half a surrogate pair,
   * which no database takes, is shown as U+FFFD.
   */
  public static String reason(String error) {
    int characters = error.codePointCount(0, error.length());
    if (characters <= MAX_REASON) {
      return Text.keepable(error);
    }
    String note = ".. (the beginning of %d characters)".formatted(characters);
    int end = error.offsetByCodePoints(0, MAX_REASON - note.length());
    return Text.keepable(error.substring(0, end)) + note;
  }
}
