package dev.batuta.task;

import java.time.Instant;
import java.util.Optional;

/**
 * Which attempt of which task runs. Its log lines say to which trace it belongs by themselves.
 *
 * @param id of the task, as clients know it
 * @param attempt 1 for the first; the numbers of later ones rise, not always by one
 * @param deadline when the attempt is given up, by the clock of this machine; empty without a
 *     timeout
 * @param traceparent where the attempt is in a trace (W3C Trace Context), for the header of that
 *     name with which it calls others; empty outside of a trace
 */
public record TaskContext(
    String id, int attempt, Optional<Instant> deadline, Optional<String> traceparent) {}
