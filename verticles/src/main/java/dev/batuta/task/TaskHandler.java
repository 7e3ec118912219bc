package dev.batuta.task;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A kind of task that a user adds. A class that implements it, has a public constructor without
 * parameters, and is named in {@code META-INF/services/dev.batuta.task.TaskHandler} of a jar, is
 * found by {@link java.util.ServiceLoader}; one object of it runs all tasks of its kind in a
 * process.
 *
 * <p>A task ends once, and its result is recorded once; but an attempt that was given up, because
 * its worker died or its time was over, may have done half of its work or all of it before the next
 * one begins. So effects elsewhere are to be made safe to repeat, for example by giving {@link
 * TaskContext#id} along.
 */
public interface TaskHandler {

  /**
   * The name of the kind: 1 to 32 of A-Z, 0-9 and _, the first a letter. Not QUERY, UPDATE,
   * TRANSFER or COMPUTE, which are Batuta's; EXTERNAL is free.
   */
  String kind();

  /**
   * Runs one attempt of one task, on a virtual thread of its own: it may block. As many run at once
   * as the worker has credits. When the attempt's time is over, or the worker loses its master, the
   * thread is interrupted, and what comes of it is dropped.
   *
   * @param payload as it was submitted; numbers that are not whole are {@link java.math.BigDecimal}
   * @return the result, at most 16384 bytes as JSON; null for none
   * @throws Exception to fail the attempt with its message; another attempt follows while there are
   *     any left
   */
  @Nullable JsonObject run(JsonObject payload, TaskContext context) throws Exception;
}
