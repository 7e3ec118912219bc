package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ChatMessage.AskDigest;
import dev.batuta.codec.ChatMessage.AskSync;
import dev.batuta.codec.ChatMessage.Copied;
import dev.batuta.codec.ChatMessage.Digest;
import dev.batuta.codec.ChatMessage.ReadCopy;
import dev.batuta.codec.ChatMessage.Synced;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.Servers.Heard;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The copies of the chat that servers hold, whole, for admins. Any thread may ask. */
public final class CopyService {
  private static final String WHOSE = "whose copy was asked for: see whether it lives";

  /** All ops are read for it. */
  private static final Duration WHOLE = Duration.ofSeconds(60);

  private static final int RADIX = 36;

  private final Servers servers;
  private final Duration answer;

  /**
   * @param answer within which a server has to give a page
   */
  public CopyService(Servers servers, Duration answer) {
    this.servers = servers;
    this.answer = answer;
  }

  /** What each live server's copy consists of. */
  public Future<List<Heard<Digest>>> digests(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return servers.askEach(Addresses::messaging, new AskDigest(), Digest.class, WHOLE, WHOSE);
        });
  }

  /** Has each live server compare its copy with the coordinator's, now. */
  public Future<List<Heard<Synced>>> sync(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return servers.askEach(Addresses::messaging, new AskSync(), Synced.class, WHOLE, WHOSE);
        });
  }

  /**
   * A page of the copy of a server, in the order in which that applied its ops.
   *
   * @param after what {@link #next} gave for the page before, null at the start
   */
  public Future<Copied> export(Caller caller, String server, @Nullable String after, int limit) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return servers.askOnly(
              servers.live(server),
              Addresses::messaging,
              after == null ? new ReadCopy(0, 0, limit) : behind(after, limit),
              Copied.class,
              answer,
              WHOSE);
        });
  }

  /** Where a page goes on, null at the end. */
  public static @Nullable String next(Copied page) {
    return page.next() == 0
        ? null
        : Long.toString(page.incarnation(), RADIX) + '.' + Long.toString(page.next(), RADIX);
  }

  private static ReadCopy behind(String after, int limit) {
    int dot = after.indexOf('.');
    try {
      long position = Long.parseLong(after.substring(dot + 1), RADIX);
      if (dot > 0 && position > 0) {
        return new ReadCopy(Long.parseLong(after.substring(0, dot), RADIX), position, limit);
      }
    } catch (NumberFormatException notOurs) {
      // Refused below, like one without a dot.
    }
    throw Refused.invalid(
        "after-invalid",
        "after \"" + Refused.shown(after) + "\" is no next of a page: give it as it came.");
  }
}
