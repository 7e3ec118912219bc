package dev.batuta.messaging.replica;

import dev.batuta.messaging.Ops;
import java.util.ArrayList;
import java.util.List;

/** A server's copy that lasts as long as a test. */
final class MemoryLog implements Held {
  final Origin self;
  final List<Op> ops = new ArrayList<>();
  private final Replica replica;
  boolean complete;

  MemoryLog(Origin self) {
    this(self, true);
  }

  MemoryLog(Origin self, boolean complete) {
    this.self = self;
    this.complete = complete;
    this.replica = new Replica(self);
  }

  /** Makes so many ops. */
  List<Op> make(int count) {
    List<Op> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Content said = new Content.ChannelMessage("geral", "ana", "text", "", ops.size() + 1, 1);
      made.add(keep(Ops.op(self, replica.nextSequence(), said)));
    }
    return made;
  }

  /** Applies what is new, as a log does. */
  AntiEntropyInput.Taken take(LogUse use, List<Op> given) {
    int applied = 0;
    boolean gap = false;
    for (Op op : given) {
      switch (replica.judge(op.origin(), op.sequence())) {
        case NEXT -> {
          keep(op);
          applied++;
        }
        case DUPLICATE -> {}
        case GAP -> gap = true;
      }
    }
    return new AntiEntropyInput.Taken(use, applied, gap);
  }

  List<Op> beyond(VersionVector vector, int limit) {
    return ops.stream()
        .filter(op -> !vector.covers(op.origin(), op.sequence()))
        .limit(limit)
        .toList();
  }

  private Op keep(Op op) {
    replica.apply(op.origin(), op.sequence(), Content.decode(op.content().toArray()));
    ops.add(op);
    return op;
  }

  @Override
  public VersionVector vector() {
    return replica.vector().copy();
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public long clock() {
    return 42;
  }
}
