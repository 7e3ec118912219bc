package dev.batuta.cli.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Why a command was not done: one sentence for people, one {@code problem+json} object for
 * programs.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Exit code of a command that was refused or failed. */
  public static final int REFUSED = 1;

  /** Exit code of wrong usage, and of a command whose outcome is not known. */
  public static final int UNSURE = 2;

  private final transient ObjectNode body;
  private final int exitCode;

  private Problem(ObjectNode body, int exitCode) {
    super(body.path("detail").asText(), null, false, false);
    this.body = body;
    this.exitCode = exitCode;
  }

  /** Refused or failed here, without a server's answer. */
  public static Problem failed(String code, String detail) {
    return new Problem(object(0, code, detail), REFUSED);
  }

  /** Wrong usage, or it may have happened. */
  public static Problem unsure(String code, String detail) {
    return new Problem(object(0, code, detail), UNSURE);
  }

  /** What a server answered; 504 says that the outcome is unknown. */
  static Problem answered(int status, String answer) {
    var body =
        Output.parsed(answer).orElse(null) instanceof ObjectNode problem
                && problem.hasNonNull("detail")
            ? problem
            : object(status, "http-" + status, "the server answered with status " + status);
    body.put("status", status);
    return new Problem(body, status == 504 ? UNSURE : REFUSED);
  }

  private static ObjectNode object(int status, String code, String detail) {
    var body = JsonNodeFactory.instance.objectNode().put("type", "about:blank");
    if (status > 0) {
      body.put("status", status);
    }
    return body.put("code", code).put("detail", detail);
  }

  /** This, with what a process said last. */
  public Problem saying(List<String> lines) {
    if (!lines.isEmpty()) {
      lines.forEach(body.putArray("said")::add);
    }
    return this;
  }

  /** What a process said last, line by line. */
  List<String> said() {
    var lines = new ArrayList<String>();
    body.path("said").forEach(line -> lines.add(line.asText()));
    return lines;
  }

  String detail() {
    return body.path("detail").asText();
  }

  public String code() {
    return body.path("code").asText();
  }

  /** The HTTP status, 0 when no server answered. */
  public int status() {
    return body.path("status").asInt();
  }

  ObjectNode body() {
    return body;
  }

  public int exitCode() {
    return exitCode;
  }
}
