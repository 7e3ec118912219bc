package dev.batuta.messaging.log;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog.Made;
import dev.batuta.messaging.log.OpLog.Taken;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.Replica;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Carries out what waits for a log, in one transaction. Used by the writer of its log only. */
final class LogTransaction {
  private final LogFile file;
  private final Origin self;
  private final LongSupplier clock;
  private final LongSupplier timeMillis;
  private final List<OpLog.Entry> entries = new ArrayList<>();
  private final List<Runnable> answers = new ArrayList<>();

  LogTransaction(LogFile file, Origin self, LongSupplier clock, LongSupplier timeMillis) {
    this.file = file;
    this.self = self;
    this.clock = clock;
    this.timeMillis = timeMillis;
  }

  /** The ops that came of it, in their order. */
  List<OpLog.Entry> entries() {
    return entries;
  }

  /** Tells who waits, once it is on the disk. */
  void answer() {
    answers.forEach(Runnable::run);
  }

  /**
   * Carries out one; a request that is refused ends only itself.
   *
   * @throws SQLException when the transaction is over
   */
  void carryOut(LogWork work) throws SQLException {
    answers.add(
        switch (work) {
          case LogWork.Make make -> make(make);
          case LogWork.Take take -> {
            Taken taken = take(take.ops());
            yield () -> take.promise().tryComplete(taken);
          }
          case LogWork.Mark mark -> {
            file.complete(mark.complete());
            yield () -> mark.promise().tryComplete(null);
          }
          case LogWork.Renew renew -> {
            file.renew(renew.from(), renew.to());
            yield () -> renew.promise().tryComplete(null);
          }
          case LogWork.Wake wake -> () -> wake.promise().tryComplete(null);
        });
  }

  private Runnable make(LogWork.Make make) throws SQLException {
    Content content;
    try {
      content =
          make.draft().compose(file.replica().names(), clock.getAsLong(), timeMillis.getAsLong());
    } catch (RuntimeException refused) {
      return () -> make.promise().tryFail(refused);
    }
    try {
      Made made = make(make.draft(), content);
      return () -> make.promise().tryComplete(made);
    } catch (Refused refused) {
      return () -> make.promise().tryFail(refused);
    }
  }

  private Made make(Draft draft, Content content) throws SQLException {
    List<OpLog.Entry> authored = file.authored(content);
    if (content instanceof Content.Said said) {
      OpLog.@Nullable Entry known = MessageIndex.shownOf(authored, said);
      if (known == null && !authored.isEmpty()) {
        throw LogRefusal.reused();
      }
      if (known == null && draft.isRetold()) {
        known = file.findSaid(said);
      }
      if (known != null) {
        return new Made(known.op().id(), known.content(), true);
      }
    }
    Op op = new Op(self, file.replica().nextSequence(), Content.encode(content));
    keep(op, content, authored);
    return new Made(op.id(), content, false);
  }

  private Taken take(List<Op> ops) throws SQLException {
    Replica replica = file.replica();
    int applied = 0;
    boolean gap = false;
    for (Op op : ops) {
      switch (replica.judge(op.origin(), op.sequence())) {
        case NEXT -> {
          Content content = Content.decode(op.content().toArray());
          keep(op, content, file.authored(content));
          applied++;
        }
        case DUPLICATE -> {}
        case GAP -> gap = true;
      }
    }
    return new Taken(applied, gap);
  }

  private void keep(Op op, Content content, List<OpLog.Entry> authored) throws SQLException {
    entries.add(new OpLog.Entry(file.append(op, content, authored), op, content));
  }
}
