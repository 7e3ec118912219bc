package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.store.Scope;

/**
 * How many unfinished tasks are only in the store: a number for those who look on, and for the
 * bound of the queue. It is kept with each change, and made right by each reading that goes from
 * the first task to the last, whatever it was told before.
 */
final class StoredCount {
  private long stored;

  /** Whose reading counts; the readers are known by what they read. */
  private Scope reader = new Scope.All();

  /** How far it has counted, -1 when nothing is being counted. */
  private long through = -1;

  private long counted;

  StoredCount(long stored) {
    this.stored = stored;
  }

  /** A task went to the store, or is to stay there. */
  void add(long id) {
    stored++;
    counted += id <= through ? 1 : 0;
  }

  /** A task that was in the store came from there, or ended. */
  void remove(long id) {
    stored = Math.max(0, stored - 1);
    counted -= id <= through ? 1 : 0;
  }

  /** There are more, anywhere. */
  void addAnywhere(long count) {
    stored += count;
    through = -1;
  }

  /** A reading begins, or goes on, after this id. */
  void read(Scope by, long afterId) {
    if (afterId == 0) {
      reader = by;
      through = 0;
      counted = 0;
    } else if (by.equals(reader) && afterId != through) {
      through = -1;
    }
  }

  /**
   * A reading brought a page.
   *
   * @param throughId up to where that goes
   * @param left how many of its tasks are only in the store after it
   * @param last whether nothing is beyond it
   */
  void page(Scope by, long throughId, long left, boolean last) {
    if (through < 0 || !by.equals(reader)) {
      return;
    }
    through = throughId;
    counted += left;
    if (last) {
      stored = Math.max(0, counted);
      through = -1;
    }
  }

  long stored() {
    return stored;
  }

  /** As {@link #stored}, or what a reading that goes on has counted so far, if that is more. */
  long known() {
    return through < 0 ? stored : Math.max(stored, counted);
  }
}
