package dev.batuta.orchestrator.store;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/** Consecutive ids, as those of a submission are. Immutable. */
public final class IdRange extends AbstractList<Long> implements RandomAccess {
  private final long first;
  private final int count;

  public IdRange(long first, int count) {
    this.first = first;
    this.count = count;
  }

  @Override
  public Long get(int index) {
    return first + Objects.checkIndex(index, count);
  }

  @Override
  public List<Long> subList(int from, int to) {
    Objects.checkFromToIndex(from, to, count);
    return new IdRange(first + from, to - from);
  }

  @Override
  public int size() {
    return count;
  }
}
