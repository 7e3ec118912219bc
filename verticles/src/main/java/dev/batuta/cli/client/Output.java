package dev.batuta.cli.client;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.batuta.codec.TaskMessage;
import dev.batuta.node.VisibleText;
import dev.batuta.task.ExactNumbers;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a command prints: plain text for people, or one JSON object a line for programs. Nothing
 * else of the command line prints: all that is printed here is {@link VisibleText}, whoever wrote
 * it, and so one line each.
 */
public final class Output {
  /** Above all bounds of what a server takes or a worker makes: those are theirs to refuse. */
  private static final int MOST_DIGITS = TaskMessage.MAX_JSON_BYTES;

  /** Exact: what it reads it writes as the same values. */
  public static final JsonMapper JSON =
      ExactNumbers.mapper(
              new JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(MOST_DIGITS).build())
                  .build())
          .build();

  private static final ObjectReader READER = JSON.reader();
  private static final ObjectReader STRICT =
      READER.with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

  private static final String CLEAR = "\033[H\033[2J";
  private static final int MOST_CAUSES = 20;

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;

  public Output(PrintWriter out, PrintWriter err, boolean json) {
    this.out = out;
    this.err = err;
    this.json = json;
  }

  public boolean json() {
    return json;
  }

  /** Prints the object, or for people the lines that say the same. */
  public void print(JsonNode object, List<String> lines) {
    if (json) {
      lines(List.of(compact(object)));
    } else {
      lines(lines);
    }
  }

  /** Prints lines, whether of JSON or not. */
  public void lines(List<String> lines) {
    lines.forEach(line -> out.println(VisibleText.of(line)));
    out.flush();
  }

  /** A part of a line of JSON that is written piece by piece, as it may be too long to be held. */
  public void part(String text) {
    out.print(VisibleText.of(text));
  }

  /** The last part of a line. */
  public void lastPart(String text) {
    lines(List.of(text));
  }

  /** Clears the screen, for people who watch. */
  public void clear() {
    if (!json) {
      out.print(CLEAR);
    }
  }

  /** A remark for people beside the output proper. */
  public void remark(String sentence) {
    if (!json) {
      error(sentence);
    }
  }

  /** Asks a person, who answers on the same line. */
  public void question(String question) {
    err.print(VisibleText.of(question));
    err.flush();
  }

  public void problem(Problem problem) {
    if (json) {
      error(compact(problem.body()));
    } else {
      error(problem.detail());
      problem.said().forEach(line -> error(quoted(line)));
    }
  }

  /** What another process printed, where other lines are printed too. */
  public static String quoted(String line) {
    return "  | " + line;
  }

  /** One line that says what is wrong. */
  public void error(String sentence) {
    err.println(VisibleText.of(sentence));
    err.flush();
  }

  /** A defect: where it is, for who mends it. */
  public void trace(Throwable defect) {
    var causes = Stream.iterate(defect, Objects::nonNull, Throwable::getCause).limit(MOST_CAUSES);
    causes.forEach(
        each -> {
          error((each == defect ? "" : "caused by ") + each);
          for (var frame : each.getStackTrace()) {
            error("    at " + frame);
          }
        });
  }

  /** JSON that a server wrote, a missing node for a blank text; empty if it is none. */
  public static Optional<JsonNode> parsed(String text) {
    try {
      return Optional.of(parsed(READER, text));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /**
   * JSON that a person wrote, a missing node for a blank text.
   *
   * @throws JsonProcessingException if it is none, or names a member of an object twice
   */
  public static JsonNode typed(String text) throws JsonProcessingException {
    return parsed(STRICT, text);
  }

  private static JsonNode parsed(ObjectReader reader, String text) throws JsonProcessingException {
    try {
      return reader.readTree(text);
    } catch (NumberFormatException e) { // an exponent beyond all bounds
      throw new JsonParseException(null, String.valueOf(e.getMessage()), e);
    }
  }

  public static String compact(JsonNode object) {
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }

  /** Columns as wide as their widest cell, two blanks between them; nothing trails. */
  public static List<String> table(List<String> head, List<List<String>> rows) {
    var all = new ArrayList<List<String>>();
    all.add(head);
    rows.forEach(row -> all.add(row.stream().map(VisibleText::of).toList()));
    var widths = new int[head.size()];
    for (var row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).codePointCount(0, row.get(i).length()));
      }
    }
    return all.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      var cell = row.get(i);
      line.append(cell).repeat(" ", widths[i] - cell.codePointCount(0, cell.length()) + 2);
    }
    return line.toString().stripTrailing();
  }

  /** The text of a field, {@code -} where there is none. */
  public static String text(JsonNode object, String field) {
    var value = object.path(field);
    return value.isMissingNode() || value.isNull() ? "-" : value.asText();
  }
}
