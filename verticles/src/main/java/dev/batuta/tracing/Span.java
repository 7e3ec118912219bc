package dev.batuta.tracing;

/** Something that takes time, as it is shown in a trace. Safe on any thread. */
public interface Span {
  /** What a span is to the spans around it. */
  enum Kind {
    /** Neither of the others. */
    INTERNAL,
    /** Asks somebody outside, and waits. */
    CLIENT,
    /** Gives work away. */
    PRODUCER,
    /** Does work that was given away. */
    CONSUMER
  }

  /** The place of what is a part of it. */
  TraceContext place();

  Span with(String key, String value);

  Span with(String key, long value);

  /**
   * Notes that it came to nothing.
   *
   * @param why in few words
   */
  Span failed(String why);

  /** It is over; without this nobody is shown it. */
  void end();
}
