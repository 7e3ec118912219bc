package dev.batuta.gateway;

import dev.batuta.messaging.Name;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who asks, as the token says. */
record Caller(String user, Set<Role> roles) {
  /** What a token may allow. In JSON and in the database in lower case. */
  enum Role {
    USER,
    ADMIN
  }

  boolean isAdmin() {
    return roles.contains(Role.ADMIN);
  }

  /** Refuses to act under a messaging name that is not the caller's own; null is its own. */
  void checkActsAs(@Nullable String name) {
    if (name != null && !isAdmin() && !Name.isOf(user, name)) {
      throw Refusals.forbidden(
          "user \""
              + Refusals.shown(name)
              + "\" is not yours; leave user out, or log in as an admin.");
    }
  }
}
