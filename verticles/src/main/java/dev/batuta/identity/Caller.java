package dev.batuta.identity;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Name;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks: as a token says, or one of the clients of a door whose protocol has no credentials.
 *
 * @param actsForAll whether it is such a door: it acts under any messaging name that is registered,
 *     as its clients say theirs, and may do nothing else that a user may not
 */
public record Caller(String user, Set<Role> roles, boolean actsForAll) {
  /** Who a token names. */
  public Caller(String user, Set<Role> roles) {
    this(user, roles, false);
  }

  /**
   * Whoever comes in by a door without credentials.
   *
   * @param door its name, which nobody takes for the name of a user
   */
  public static Caller ofDoor(String door) {
    return new Caller(door, Set.of(), true);
  }

  /** What a token may allow. In JSON and in the database in lower case. */
  public enum Role {
    USER,
    ADMIN
  }

  public boolean isAdmin() {
    return roles.contains(Role.ADMIN);
  }

  /** Whether it may act under any messaging name that is registered, and has none of its own. */
  public boolean actsForAnyone() {
    return actsForAll || isAdmin();
  }

  /** Refuses what only admins may do. */
  public void checkAdmin() {
    if (!isAdmin()) {
      throw noAdmin();
    }
  }

  /** The refusal of what only admins may do. */
  public Refused noAdmin() {
    return Refused.forbidden(
        "\"" + Refused.shown(user) + "\" is no admin; log in as one for this.");
  }

  /** Refuses to act under a messaging name that is not the caller's own; null is its own. */
  public void checkActsAs(@Nullable String name) {
    if (name != null && !actsForAnyone() && !Name.isOf(user, name)) {
      throw Refused.forbidden(
          "user \""
              + Refused.shown(name)
              + "\" is not yours; leave user out, or log in as an admin.");
    }
  }
}
