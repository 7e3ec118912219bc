package dev.batuta.codec;

import org.jspecify.annotations.Nullable;

/**
 * Bytes or JSON that are no message, or a message that cannot be written. It has no stack trace: it
 * is an answer to what came in, and its text names the field, such as {@code Run.tasks[3].payload:
 * Expected Array, but got Integer (07)}.
 */
public final class MalformedMessage extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The {@link Failure#code()} of every malformed message. */
  public static final String CODE = "malformed-message";

  private final Failure.Kind kind;
  private final String field;
  private final String reason;

  /**
   * Which record of a sealed interface the field is in, while nothing is known of what holds it.
   */
  private final transient @Nullable String member;

  private MalformedMessage(
      Failure.Kind kind, String field, String reason, @Nullable String member) {
    super(text(field, reason), null, false, false);
    this.kind = kind;
    this.field = field;
    this.reason = reason;
    this.member = member;
  }

  private static String text(String field, String reason) {
    return field.isEmpty() ? reason : field + ": " + reason;
  }

  MalformedMessage(String reason) {
    this(Failure.Kind.INVALID, "", reason, null);
  }

  /** For what is beyond {@link Limits}. */
  static MalformedMessage tooLarge(String what, long found, long limit) {
    String reason = what + " " + found + " is above the limit " + limit;
    return new MalformedMessage(Failure.Kind.TOO_LARGE, "", reason, null);
  }

  /** The same as seen from the record or list that holds the field. */
  MalformedMessage in(String outer) {
    String dot = field.isEmpty() || field.startsWith("[") ? "" : ".";
    return new MalformedMessage(kind, outer + dot + field, reason, null);
  }

  /** The same, in this record of a sealed interface. */
  MalformedMessage inMember(String recordName) {
    return new MalformedMessage(kind, field, reason, recordName);
  }

  /**
   * The same as seen from outside: a field of a message begins with the name of the message, one of
   * the envelope with that of the envelope.
   */
  MalformedMessage inRoot(String recordName, String component) {
    return member != null ? in(member) : in(component).in(recordName);
  }

  /** Where, such as {@code Run.tasks[3].payload}; empty if it concerns all of the bytes. */
  public String field() {
    return field;
  }

  /** The form in which it crosses the bus: {@code INVALID} or {@code TOO_LARGE}. */
  public Failure failure() {
    return new Failure(kind, CODE, text(field, reason));
  }
}
