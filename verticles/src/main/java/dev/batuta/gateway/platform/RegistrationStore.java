package dev.batuta.gateway.platform;

import io.vertx.core.Future;
import java.util.List;

/**
 * The workers of the platform that registered, by the gateway where they did, so that they are
 * known when it has been restarted. A Future fails as those of {@link dev.batuta.database.Database}
 * do. Safe on any thread.
 */
public interface RegistrationStore {

  /** Those of a gateway; when there are more, {@code most} of them. */
  Future<List<Registration>> all(String gateway, int most);

  /** Keeps one, in place of what is kept of its worker. */
  Future<Void> keep(String gateway, Registration registration);

  /** Keeps nothing of a worker any more. */
  Future<Void> forget(String gateway, String worker);
}
