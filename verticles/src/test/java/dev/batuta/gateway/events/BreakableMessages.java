package dev.batuta.gateway.events;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.MessageFilter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Messages of another source, whose subscriptions break when a test wants it. */
public final class BreakableMessages implements MessageSource {
  private final MessageSource source;
  private final Set<Promise<Void>> ends = ConcurrentHashMap.newKeySet();

  /** Whether who asks for messages gets an exception thrown, and no future. */
  private volatile boolean defective;

  public BreakableMessages(MessageSource source) {
    this.source = source;
  }

  /** From now on who asks gets an exception thrown, and no future; or no more. */
  public void setDefective(boolean defective) {
    this.defective = defective;
  }

  /** Every subscription that is open breaks, as if the disk could not be read. */
  public void breakAll() {
    breakAll(new IllegalStateException("the disk cannot be read"));
  }

  /** Every subscription that is open ends of a cause. */
  public void breakAll(Throwable why) {
    ends.forEach(end -> end.tryFail(why));
    ends.clear();
  }

  @Override
  public Future<Subscription> subscribe(
      @Nullable String position, MessageFilter filter, Listener listener) {
    if (defective) {
      throw Refused.unavailable("defective", "No future was made.");
    }
    return source.subscribe(position, filter, listener).map(this::breakable);
  }

  private Subscription breakable(Subscription followed) {
    Promise<Void> ended = Promise.promise();
    followed.ended().onComplete(ended::tryComplete, ended::tryFail);
    ended.future().onFailure(broken -> followed.cancel());
    ends.add(ended);
    return new Subscription() {
      @Override
      public String position() {
        return followed.position();
      }

      @Override
      public Future<Void> ended() {
        return ended.future();
      }

      @Override
      public void cancel() {
        followed.cancel();
      }
    };
  }
}
