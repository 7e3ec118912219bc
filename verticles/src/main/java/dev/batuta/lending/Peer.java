package dev.batuta.lending;

import org.jspecify.annotations.Nullable;

/**
 * Another master that is believed to live, of this implementation or another one.
 *
 * @param load as it told last; null of a master that does not tell
 */
public record Peer(String name, @Nullable Load load) {

  /**
   * What a master has to do.
   *
   * @param queued tasks that wait for a worker
   * @param workers that take tasks, with those that it borrowed
   * @param borrowed how many of them belong to others
   */
  public record Load(int queued, int workers, int borrowed) {}
}
