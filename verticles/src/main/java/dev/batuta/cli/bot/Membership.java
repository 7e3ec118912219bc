package dev.batuta.cli.bot;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.EventFeed;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.time.Duration;

/**
 * A registered name in a channel, and the stream of what is said there from its joining on.
 *
 * @param feed is to be closed
 */
record Membership(String name, String channel, EventFeed feed) {
  private static final Duration PLACE = Duration.ofSeconds(30);

  /**
   * Joins; the name, and the channel, may be there from before.
   *
   * @param api whose first server is the one that is read from
   */
  static Membership join(Api api, String name, String channel) {
    register(api, name, channel);
    var feed =
        EventFeed.follow(
            api, "/events?types=messages&channel=" + Api.encoded(channel), remark -> {});
    try {
      if (feed.awaitPlace(PLACE)) {
        return new Membership(name, channel, feed);
      }
      throw Problem.unsure(
          "no-events",
          "no server began to give %s the messages of %s within %d s: see ./batuta status"
              .formatted(name, channel, PLACE.toSeconds()));
    } catch (Problem e) {
      feed.close();
      throw e;
    }
  }

  /** Registers anew what a server says not to know. */
  void register(Api api) {
    register(api, name, channel);
  }

  private static void register(Api api, String name, String channel) {
    create(api, "/users", name);
    create(api, "/channels", channel);
  }

  private static void create(Api api, String path, String name) {
    try {
      api.post(path, Output.JSON.createObjectNode().put("name", name), null, Duration.ZERO);
    } catch (Problem e) {
      if (e.status() != 409) {
        throw e;
      }
    }
  }
}
