package dev.batuta.gateway.services;

import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Who holds the baton, as this node last heard.
 *
 * @param body of {@code events.coordinator}, for those who show all of it
 */
public record Announcement(JsonObject body) {

  /** Empty while there is none. */
  public Optional<String> coordinator() {
    return Optional.ofNullable(body.getString("coordinator"));
  }

  public long epoch() {
    return body.getLong("epoch", 0L);
  }

  /** Whether it acts without the database, where epochs stand still. */
  public boolean isActing() {
    return body.getBoolean("acting", false);
  }

  /** Why it changed, for people. */
  public String reason() {
    return body.getString("reason", "");
  }

  /** Whether this is of a newer term, or without the database of another acting coordinator. */
  boolean follows(Announcement before) {
    return coordinator().isPresent()
        && (epoch() > before.epoch() || (isActing() && !equals(before)));
  }
}
