package dev.batuta.messaging.replica;

import dev.batuta.messaging.Ops;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A server's copy that lasts as long as a test. */
final class MemoryLog implements Held {
  final Origin self;
  final List<Op> ops = new ArrayList<>();
  private final Replica replica;
  private final boolean readsFolds;
  boolean complete;

  MemoryLog(Origin self) {
    this(self, true);
  }

  MemoryLog(Origin self, boolean complete) {
    this(self, complete, true);
  }

  /** Of a release that knows folds, or of the one before. */
  MemoryLog(Origin self, boolean complete, boolean readsFolds) {
    this.self = self;
    this.complete = complete;
    this.readsFolds = readsFolds;
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

  /** Makes a fold. */
  Op fold(List<OpId> parents, List<OpId> lasts) {
    Content fold = new Content.Fold(parents, lasts, ops.size() + 1, 1);
    return keep(Ops.op(self, replica.nextSequence(), fold));
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

  /** In the order of their origins: what a fold lists, and its parents, may come behind it. */
  List<Op> beyond(VersionVector vector, int limit) {
    return ops.stream()
        .filter(op -> !vector.covers(op.origin(), op.sequence()))
        .sorted(Comparator.comparing(Op::origin).thenComparing(Op::sequence))
        .limit(limit)
        .toList();
  }

  private static Content unread(Content content) {
    return content instanceof Content.Fold
        ? new Content.Unknown(content.clock(), content.timeMillis())
        : content;
  }

  private Op keep(Op op) {
    Content content = Content.decode(op.content().toArray());
    replica.apply(op.origin(), op.sequence(), readsFolds ? content : unread(content));
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
