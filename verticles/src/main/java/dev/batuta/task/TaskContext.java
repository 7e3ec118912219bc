package dev.batuta.task;

import java.time.Instant;
import java.util.Optional;

/**
 * Which attempt of which task runs.
 *
 * @param id of the task, as clients know it
 * @param attempt 1 for the first; the numbers of later ones rise, not always by one
 * @param deadline when the attempt is given up, by the clock of this machine; empty without a
 *     timeout
 */
public record TaskContext(String id, int attempt, Optional<Instant> deadline) {}
