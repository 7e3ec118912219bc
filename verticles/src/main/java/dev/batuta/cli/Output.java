package dev.batuta.cli;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.batuta.codec.TaskMessage;
import dev.batuta.task.ExactNumbers;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a command prints: plain text for people, or one JSON object a line for programs. */
final class Output {
  /** Above all bounds of what a server takes or a worker makes: those are theirs to refuse. */
  private static final int MOST_DIGITS = TaskMessage.MAX_JSON_BYTES;

  /** Exact: what it reads it writes as the same values. */
  static final JsonMapper JSON =
      ExactNumbers.mapper(
              new JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(MOST_DIGITS).build())
                  .build())
          .build();

  private static final ObjectReader READER = JSON.reader();
  private static final ObjectReader STRICT =
      READER.with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;

  Output(PrintWriter out, PrintWriter err, boolean json) {
    this.out = out;
    this.err = err;
    this.json = json;
  }

  boolean json() {
    return json;
  }

  /** Prints the object, or for people the lines that say the same. */
  void print(JsonNode object, List<String> lines) {
    if (json) {
      out.println(compact(object));
    } else {
      lines.forEach(out::println);
    }
    out.flush();
  }

  /** A part of a line that is written piece by piece, for what may be too long to be held. */
  void part(String text) {
    out.print(text);
    if (text.endsWith("\n")) {
      out.flush();
    }
  }

  /** A remark for people beside the output proper. */
  void remark(String sentence) {
    if (!json) {
      err.println(sentence);
      err.flush();
    }
  }

  void problem(Problem problem) {
    err.println(json ? compact(problem.body()) : problem.detail());
    err.flush();
  }

  /** JSON that a server wrote, a missing node for a blank text; empty if it is none. */
  static Optional<JsonNode> parsed(String text) {
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
  static JsonNode typed(String text) throws JsonProcessingException {
    return parsed(STRICT, text);
  }

  private static JsonNode parsed(ObjectReader reader, String text) throws JsonProcessingException {
    try {
      return reader.readTree(text);
    } catch (NumberFormatException e) { // an exponent beyond all bounds
      throw new JsonParseException(null, String.valueOf(e.getMessage()), e);
    }
  }

  static String compact(JsonNode object) {
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }

  /** Columns as wide as their widest cell, two blanks between them; nothing trails. */
  static List<String> table(List<String> head, List<List<String>> rows) {
    var all = new ArrayList<List<String>>();
    all.add(head);
    all.addAll(rows);
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
  static String text(JsonNode object, String field) {
    var value = object.path(field);
    return value.isMissingNode() || value.isNull() ? "-" : value.asText();
  }
}
