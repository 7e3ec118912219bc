package dev.batuta.node;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.config.Config;
import dev.batuta.bus.PauseMonitor;
import io.vertx.core.Completable;
import io.vertx.core.Vertx;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster manager of Vert.x, which does not take registrations away from the living after this
 * process itself stood still.
 *
 * <p>A member that wakes after the others have put it out sees all of them as removed. Vert.x
 * removes the registrations of removed members, one after the other, from what is a copy of its own
 * at first; but within a second or two this member joins the others again, and the rest is removed
 * from the registry of all (vertx-hazelcast 5.0.10). So the removal waits: whoever is a member when
 * the clusters have merged is left alone, and who is not then is removed.
 */
final class WaryClusterManager extends HazelcastClusterManager {
  private static final Logger LOG = LoggerFactory.getLogger(WaryClusterManager.class);

  /** After which a member that has not come back is gone; a merge takes less. */
  private static final Duration DOUBT = Duration.ofSeconds(15);

  /** Far above what a busy machine does, and below what others wait before they put one out. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final PauseMonitor pauses;
  private final Duration doubt;

  /** When a member was last missed right after a pause. */
  private volatile long missedNanos;

  private volatile boolean missed;
  private @Nullable Vertx vertx; // written by init, before anything else is called

  WaryClusterManager(Config config) {
    this(config, new PauseMonitor(PAUSE, DOUBT, System::nanoTime).start(), DOUBT);
  }

  WaryClusterManager(Config config, PauseMonitor pauses, Duration doubt) {
    super(config);
    this.pauses = pauses;
    this.doubt = doubt;
  }

  /** Whether this process stood still a short while ago. */
  PauseMonitor pauses() {
    return pauses;
  }

  /** Whether this process stood still a short while ago, and the others have put it out. */
  boolean wasPutOut() {
    return missed && pauses.recentlyPaused() && !pauses.pausedSince(missedNanos);
  }

  @Override
  public void init(Vertx owner) {
    super.init(owner);
    vertx = owner;
  }

  @Override
  public synchronized void memberRemoved(MembershipEvent event) {
    Vertx owner = vertx;
    if (owner != null && pauses.recentlyPaused()) {
      missedNanos = System.nanoTime();
      missed = true;
      LOG.atInfo()
          .addKeyValue("member", event.getMember().getAddress())
          .log(
              "a member is gone from the view of a process that was paused: it is looked for again");
      confirmLater(owner, event);
    } else {
      super.memberRemoved(event);
    }
  }

  private void confirmLater(Vertx owner, MembershipEvent event) {
    owner.setTimer(
        doubt.toMillis(),
        timer ->
            owner
                .executeBlocking(() -> confirm(owner, event), false)
                .onFailure(
                    why ->
                        LOG.atWarn()
                            .setCause(why)
                            .addKeyValue("member", event.getMember().getAddress())
                            .log("what a member that is gone had registered was not removed")));
  }

  private synchronized @Nullable Void confirm(Vertx owner, MembershipEvent event) {
    if (!isActive()) {
      return null;
    }
    if (pauses.recentlyPaused()) {
      // Again: the timer is overdue, and nobody of the living may be back in view yet.
      confirmLater(owner, event);
    } else if (!getNodes().contains(event.getMember().getAttribute("__vertx.nodeId"))) {
      // By the id that Vert.x gave it: one that comes back is another member to Hazelcast.
      super.memberRemoved(event);
    }
    return null;
  }

  @Override
  public void leave(Completable<Void> left) {
    pauses.close();
    super.leave(left);
  }
}
