package dev.batuta.gateway.services;

import dev.batuta.identity.Caller;
import dev.batuta.identity.UserStore;
import dev.batuta.identity.UserStore.StoredUser;
import io.vertx.core.Future;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Users with passwords, for admins; no password leaves here. Any thread may ask. */
public final class UserService {
  private static final Logger LOG = LoggerFactory.getLogger(UserService.class);

  private final UserStore users;

  public UserService(UserStore users) {
    this.users = users;
  }

  /**
   * Adds a user, or gives it another password and roles. What its password gave before is refused
   * by every node within a minute, and what is open by it ends; a repeat does no harm.
   *
   * @param roles none if those that it has stay, which for a new one are {@code user}
   */
  public Future<StoredUser> set(Caller caller, String user, String password, List<String> roles) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return users
              .put(user, password, roles)
              .onSuccess(
                  set ->
                      LOG.atInfo()
                          .addKeyValue("user", set.user())
                          .addKeyValue("roles", set.roles())
                          .addKeyValue("by", caller.user())
                          .log("a password was set"));
        });
  }
}
