package dev.batuta.orchestrator.dispatch;

import java.time.Duration;
import java.util.Optional;

/**
 * When the tasks of a server go to another one: when no worker has taken any here for longer than
 * the grace, and another server has workers. After a try that left them here the next one waits,
 * longer each time.
 *
 * <p>Time is an input. It is counted in steps of bounded length: time during which this server
 * itself was stalled says nothing about its workers.
 */
public final class Stranded {
  /** Most that one look counts. */
  static final Duration MAX_STEP = Duration.ofSeconds(1);

  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration MAX_PAUSE = Duration.ofSeconds(30);

  private final long graceMillis;
  private long lastMillis = Long.MAX_VALUE; // before the first look no time has passed
  private long aloneMillis;
  private long waitsMillis;
  private long pauseMillis = FIRST_PAUSE.toMillis();

  public Stranded(Duration grace) {
    this.graceMillis = grace.toMillis();
  }

  /**
   * What a server sees of its own queue.
   *
   * @param manned whether a worker takes what every worker takes
   * @param unfinished tasks
   * @param outstanding those of them that may be with a worker still, one that is about to go
   */
  record Sight(boolean manned, int unfinished, int outstanding) {}

  /**
   * Looks; to be called several times within the grace.
   *
   * @param nowMillis that never run back
   * @param relief a server that may have the tasks, if there is one
   * @return who is to have them now
   */
  public Optional<String> look(long nowMillis, Sight sight, Optional<String> relief) {
    long step = Math.clamp(nowMillis - lastMillis, 0, MAX_STEP.toMillis());
    lastMillis = nowMillis;
    aloneMillis = sight.manned() ? 0 : aloneMillis + step;
    waitsMillis = Math.max(0, waitsMillis - step);
    if (sight.manned() || sight.unfinished() == 0) {
      pauseMillis = FIRST_PAUSE.toMillis();
      return Optional.empty();
    }
    boolean due = aloneMillis >= graceMillis && waitsMillis == 0 && sight.outstanding() == 0;
    if (due && relief.isPresent()) {
      waitsMillis = pauseMillis;
      pauseMillis = Math.min(2 * pauseMillis, MAX_PAUSE.toMillis());
      return relief;
    }
    return Optional.empty();
  }
}
