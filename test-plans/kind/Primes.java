package org.example;

import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import io.vertx.core.json.JsonObject;
import java.util.stream.LongStream;

/** A kind of tasks that keeps a processor busy: how many primes there are below a number. */
public final class Primes implements TaskHandler {
  @Override
  public String kind() {
    return "PRIMES";
  }

  @Override
  public JsonObject run(JsonObject payload, TaskContext task) {
    long below = payload.getLong("below", 0L);
    long primes = LongStream.range(2, below).filter(Primes::isPrime).count();
    return new JsonObject().put("primes", primes);
  }

  private static boolean isPrime(long number) {
    return LongStream.rangeClosed(2, (long) Math.sqrt(number)).noneMatch(by -> number % by == 0);
  }
}
