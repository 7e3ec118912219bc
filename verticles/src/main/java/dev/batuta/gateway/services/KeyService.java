package dev.batuta.gateway.services;

import dev.batuta.identity.Caller;
import dev.batuta.identity.SigningKey;
import dev.batuta.identity.SigningKeys;
import io.vertx.core.Future;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys that sign tokens, for admins; no secret leaves here. Any thread may ask. */
public final class KeyService {
  private static final Logger LOG = LoggerFactory.getLogger(KeyService.class);

  private final SigningKeys keys;

  public KeyService(SigningKeys keys) {
    this.keys = keys;
  }

  /** All, the oldest first; the last one signs. */
  public Future<List<SigningKey>> all(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return keys.all();
        });
  }

  /**
   * Makes a new one, which every node signs by from now on; what older ones signed is good until it
   * expires. A repeat makes another one, which harms nobody.
   */
  public Future<List<SigningKey>> rotate(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return keys.rotate()
              .onSuccess(
                  all ->
                      LOG.atInfo()
                          .addKeyValue("key", all.getLast().id())
                          .addKeyValue("by", caller.user())
                          .log("a new key signs tokens"));
        });
  }
}
