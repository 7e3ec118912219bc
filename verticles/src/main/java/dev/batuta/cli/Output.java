package dev.batuta.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Where a command prints: plain text for people, or one JSON object a line for programs. */
final class Output {
  static final JsonMapper JSON = new JsonMapper();

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
