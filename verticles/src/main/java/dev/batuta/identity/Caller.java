package dev.batuta.identity;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Name;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who asks, as the token says. */
public record Caller(String user, Set<Role> roles) {
  /** What a token may allow. In JSON and in the database in lower case. */
  public enum Role {
    USER,
    ADMIN
  }

  public boolean isAdmin() {
    return roles.contains(Role.ADMIN);
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
    if (name != null && !isAdmin() && !Name.isOf(user, name)) {
      throw Refused.forbidden(
          "user \""
              + Refused.shown(name)
              + "\" is not yours; leave user out, or log in as an admin.");
    }
  }
}
