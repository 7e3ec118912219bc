package dev.batuta.gateway;

import java.util.Set;

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

  /**
   * The name that the caller acts under in messaging.
   *
   * @param given in the request, null if it gives none
   */
  String actingAs(@org.jspecify.annotations.Nullable String given) {
    if (given == null || given.equals(user)) {
      return user;
    }
    if (!isAdmin()) {
      throw Refusals.forbidden(
          "user \""
              + Refusals.shown(given)
              + "\" is not yours; leave user out, or log in as an admin.");
    }
    return given;
  }
}
