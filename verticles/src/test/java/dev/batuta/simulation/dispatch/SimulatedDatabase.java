package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The database as processes reach it: what was sent may fail before a commit, between two, or after
 * the last one, so that nobody knows; it may be carried out long after its sender has given up; and
 * answers overtake one another.
 */
final class SimulatedDatabase {
  private static final long MICROS = 1_000;
  private static final long STATEMENT_MILLIS = 30_000;
  private static final long CONNECTION_MILLIS = 10_000;

  private final World world;
  private final Set<String> cutOff = new HashSet<>();

  /** Probabilities, for each transaction or answer. */
  double refused;

  double broken;
  double late;
  boolean down;

  SimulatedDatabase(World world) {
    this.world = world;
  }

  void cut(String node, boolean off) {
    if (off) {
      cutOff.add(node);
    } else {
      cutOff.remove(node);
    }
  }

  void heal() {
    refused = 0;
    broken = 0;
    late = 0;
    down = false;
    cutOff.clear();
  }

  Link from(SimulatedNode node) {
    return new Link() {
      @Override
      public <T> Future<T> write(Supplier<Transactions<T>> call) {
        return new Call<>(node, call, true).begin();
      }

      @Override
      public <T> Future<T> read(Supplier<T> query) {
        return new Call<>(node, () -> Transactions.one(query), false).begin();
      }
    };
  }

  private boolean isAway(SimulatedNode node) {
    return down || cutOff.contains(node.name);
  }

  private long delayMicros() {
    return world.chance(late)
        ? world.random.nextLong(8_000_000)
        : 300 + world.random.nextLong(5_000);
  }

  private final class Call<T> {
    private final SimulatedNode node;
    private final long run;
    private final Supplier<Transactions<T>> call;
    private final boolean write;
    private final Promise<T> promise = Promise.promise();
    private @Nullable Transactions<T> running;

    Call(SimulatedNode node, Supplier<Transactions<T>> call, boolean write) {
      this.node = node;
      this.run = node.run();
      this.call = call;
      this.write = write;
    }

    Future<T> begin() {
      if (isAway(node)) {
        long noticed = world.chance(0.5) ? 1 + node.random(100) : CONNECTION_MILLIS;
        node.after(noticed, () -> promise.tryFail(unreachable()));
        return promise.future();
      }
      node.after(STATEMENT_MILLIS, this::lose);
      if (world.chance(refused)) {
        Refused why =
            world.chance(0.8) ? contended() : world.chance(0.8) ? unreachable() : defect();
        answer(() -> promise.tryFail(why));
        return promise.future();
      }
      world.timeline.after(delayMicros(), this::commit);
      return promise.future();
    }

    /** One transaction; the database goes on with the next, whatever became of its client. */
    private void commit() {
      if (down || world.chance(broken)) {
        break_();
        return;
      }
      try {
        Transactions<T> now = running;
        if (now == null) {
          now = call.get();
          running = now;
        }
        if (now.commit()) {
          world.timeline.after(delayMicros(), this::commit);
        } else {
          T given = now.answer();
          if (world.chance(broken)) {
            answer(this::lose);
          } else {
            answer(() -> promise.tryComplete(given));
          }
        }
      } catch (Refused refusal) {
        answer(() -> promise.tryFail(refusal));
      }
    }

    /** The connection breaks: the server of the database may or may not have read the rest. */
    private void break_() {
      answer(this::lose);
      if (!down && world.chance(0.5)) {
        world.timeline.after(world.random.nextLong(10_000) * MICROS, this::commit);
      }
    }

    private void answer(Runnable action) {
      if (!cutOff.contains(node.name)) {
        world.timeline.after(delayMicros(), node.inRun(run, action));
      }
    }

    private void lose() {
      promise.tryFail(write ? unknown() : unreachable());
    }
  }

  private static Refused unknown() {
    return new Refused(Kind.UNKNOWN, "outcome-unknown", "The connection was lost on the way.");
  }

  private static Refused unreachable() {
    return new Refused(Kind.UNAVAILABLE, "database-unreachable", "Nothing was changed.");
  }

  private static Refused defect() {
    return new Refused(Kind.INTERNAL, "database-error", "The database refused a statement.");
  }

  private static Refused contended() {
    return new Refused(Kind.BUSY, "database-contended", "Others hold what is needed.");
  }
}
