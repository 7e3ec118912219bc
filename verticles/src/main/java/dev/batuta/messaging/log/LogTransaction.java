package dev.batuta.messaging.log;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog.Made;
import dev.batuta.messaging.log.OpLog.Taken;
import dev.batuta.messaging.replica.Batch;
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

  /** Looks at all first, and keeps what is new only where none is refused. */
  private Runnable make(LogWork.Make make) throws SQLException {
    Batch batch = make.batch();
    List<Content> contents;
    try {
      contents = batch.compose(file.replica().names(), clock, timeMillis);
    } catch (RuntimeException refused) {
      return () -> make.promise().tryFail(refused);
    }
    try {
      List<Place> places = new ArrayList<>();
      for (int i = 0; i < contents.size(); i++) {
        places.add(place(batch.drafts().get(i), contents.get(i)));
      }
      checkEnd(batch, places);
      List<Made> made = new ArrayList<>();
      for (Place place : places) {
        made.add(make(place));
      }
      return () -> make.promise().tryComplete(made);
    } catch (Refused refused) {
      return () -> make.promise().tryFail(refused);
    }
  }

  /**
   * Where something new stands.
   *
   * @param authored the ops of its author and message id
   * @param known the one that is the same, or null
   */
  private record Place(Content content, List<OpLog.Entry> authored, OpLog.@Nullable Entry known) {}

  private Place place(Draft draft, Content content) throws SQLException {
    List<OpLog.Entry> authored = file.authored(content);
    OpLog.@Nullable Entry known = null;
    if (content instanceof Content.Said said) {
      known = MessageIndex.shownOf(authored, said);
      if (known == null && !authored.isEmpty()) {
        throw LogRefusal.reused();
      }
      if (known == null && draft.isRetold()) {
        known = file.findSaid(said);
      }
    }
    return new Place(content, authored, known);
  }

  /** Once the end of a batch is known it has so many messages, and all of them are known. */
  private void checkEnd(Batch batch, List<Place> places) throws SQLException {
    Draft longer = batch.longer();
    if (longer == null || places.getLast().known() == null) {
      return;
    }
    boolean isWhole = places.stream().allMatch(place -> place.known() != null);
    Content more = longer.compose(file.replica().names(), clock.getAsLong(), 0);
    if (!isWhole || !file.authored(more).isEmpty()) {
      throw LogRefusal.reused();
    }
  }

  private Made make(Place place) throws SQLException {
    if (place.known() != null) {
      return new Made(place.known().op().id(), place.known().content(), true);
    }
    Op op = new Op(self, file.replica().nextSequence(), Content.encode(place.content()));
    keep(op, place.content(), place.authored());
    return new Made(op.id(), place.content(), false);
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
