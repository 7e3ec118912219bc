package dev.batuta.gateway.platform;

import dev.batuta.codec.Refused;
import dev.batuta.codec.Text;
import java.util.HexFormat;

/**
 * Under which name a worker of the platform is a member of a farm: {@code id@gateway}. Names of
 * nodes have no {@code @}, and every gateway has its own, so it is never the name of another
 * worker, whatever ids workers take.
 */
final class MemberName {
  /** Of a worker in the database. */
  private static final int MAX_CHARACTERS = 64;

  /** Longer names of gateways stand there by their hash, so that ids find room. */
  private static final int MAX_GATEWAY_CHARACTERS = 15;

  private MemberName() {}

  /**
   * The name of a worker.
   *
   * @param gateway the node where it registered
   * @throws Refused INVALID when the id is not visible, or too long
   */
  static String of(String id, String gateway) {
    String label =
        gateway.length() <= MAX_GATEWAY_CHARACTERS
            ? gateway
            : HexFormat.of().toHexDigits(gateway.hashCode());
    Text.checkVisible("worker_id", id, MAX_CHARACTERS - 1 - label.length());
    return id + "@" + label;
  }

  /** The id of a worker of the platform, of any gateway; of any other worker its name. */
  static String worker(String name) {
    int end = name.lastIndexOf('@');
    return end < 0 ? name : name.substring(0, end);
  }
}
